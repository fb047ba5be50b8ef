//! `kafkacourse list`: all modules and exercises, with their state.

use super::Context;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let paper = context.out;
    println!("{}", paper.bold(&context.course.title));
    for module in &context.course.modules {
        let minutes: u32 = module.sections.iter().map(|section| section.minutes).sum();
        let reading = if minutes == 0 { "· coming".to_owned() } else { format!("· {minutes} min of reading") };
        println!("\n{} {}", paper.bold(&module.heading()), paper.dim(&reading));
        for section in &module.sections {
            let id = module.section_id(section);
            let mark = if context.progress.read(&id) { paper.green("✓") } else { " ".into() };
            println!("  {mark} {:<44} {}", section.title, paper.dim(&format!("read {id}")));
        }
        for id in &module.exercises {
            let Some(exercise) = context.course.exercise(id) else { continue };
            let mark = if context.progress.passed(id) { paper.green("✓") } else { "○".into() };
            let what = format!("{id} {}", exercise.title);
            println!("  {mark} {what:<44} {}", paper.dim(&format!("check {id} · {} points", exercise.points)));
        }
        if context.course.has_quiz(module) {
            let best = context.progress.quiz(&module.id);
            let mark = if best.is_some() { paper.green("✓") } else { "○".into() };
            let result = best.map_or_else(String::new, |best| format!(" · {} of {}", best.right, best.of));
            println!("  {mark} {:<44} {}", "Quiz", paper.dim(&format!("quiz {}{result}", module.id)));
        }
        for coming in &module.coming {
            println!("    {}", paper.dim(&format!("{:<44} coming", format!("{} {}", coming.id, coming.title))));
        }
    }
    Ok(0)
}
