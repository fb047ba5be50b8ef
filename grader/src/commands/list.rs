//! `kafkacourse list`: all modules and exercises, with their state.

use super::Context;
use crate::course::{Page, all_pages, short_name};
use crate::report::out::outln;

/// Where the second column begins: what to type.
const AT: usize = 49;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let paper = context.out;
    outln!("{}", paper.bold(&context.course.title));
    let pages = all_pages(&context.course);
    let mut poor = false;
    for module in &context.course.modules {
        let minutes: u32 = module.sections.iter().map(|section| section.minutes).sum();
        let reading = if minutes == 0 { "· coming".to_owned() } else { format!("· {minutes} min of reading") };
        outln!("\n{} {}", paper.bold(&module.heading()), paper.dim(&reading));
        for section in &module.sections {
            let id = module.section_id(section);
            let mark = if context.progress.read(&id) { paper.green("✓") } else { " ".into() };
            let command = format!("read {}", short_name(&pages, &Page::Section(module, section)));
            outln!("{}", paper.row(&format!("  {mark} {}", section.title), AT, &paper.dim(&command)));
        }
        for id in &module.exercises {
            let Some(exercise) = context.course.exercise(id) else { continue };
            let mark = if context.progress.passed(id) { paper.green("✓") } else { "○".into() };
            let what = format!("{id} {}", exercise.title);
            let command = paper.dim(&format!("check {id} · {} points", exercise.points));
            outln!("{}", paper.row(&format!("  {mark} {what}"), AT, &command));
        }
        if context.course.has_quiz(module) {
            let best = context.progress.quiz(&module.id);
            let mark = if best.is_some_and(|best| best.good()) { paper.green("✓") } else { "○".into() };
            poor |= best.is_some_and(|best| !best.good());
            let result = best.map_or_else(String::new, |best| format!(" · {} of {}", best.right, best.of));
            let command = paper.dim(&format!("quiz {}{result}", module.id));
            outln!("{}", paper.row(&format!("  {mark} Quiz"), AT, &command));
        }
        for coming in &module.coming {
            let what = paper.row(&format!("    {} {}", coming.id, coming.title), AT, "coming");
            outln!("{}", paper.dim(&what));
        }
    }
    if poor {
        outln!("\n{}", paper.wrap(&paper.dim(super::quiz::GOOD), 0));
    }
    Ok(0)
}
