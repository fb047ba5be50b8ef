//! `kafkacourse next`: where you are, what to read, the one command to type.

use super::Context;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let paper = context.out;
    let Some(exercise) = context.next_exercise() else {
        println!("{}", paper.green("You have passed every exercise. Well done."));
        println!("  {} {}", paper.dim("next:"), paper.cyan("kafkacourse progress"));
        return Ok(0);
    };
    let passed = context.course.exercises.iter().filter(|exercise| context.progress.passed(&exercise.id)).count();
    println!("{} of {} exercises passed.", passed, context.course.exercises.len());
    let unread: Vec<_> = context
        .course
        .module_of(&exercise.id)
        .into_iter()
        .flat_map(|module| module.sections.iter().map(|section| (module.section_id(section), section)))
        .filter(|(id, _)| !context.progress.read(id))
        .collect();
    println!(
        "\n{} {}",
        paper.bold(&format!("{} · {}", exercise.id, exercise.title)),
        paper.dim(&format!("about {} min", exercise.minutes))
    );
    if !unread.is_empty() && context.progress.attempts(&exercise.id) == 0 {
        let minutes: u32 = unread.iter().map(|(_, section)| section.minutes).sum();
        println!("  To read first, {minutes} min:");
        for (_, section) in &unread {
            println!("    {:<44} {}", section.title, paper.dim(&format!("{} min", section.minutes)));
        }
        println!("  Or go right ahead: {}", paper.dim(&exercise.stub()));
        println!("\n  {} {}", paper.dim("next:"), paper.cyan("kafkacourse read"));
    } else {
        println!("  The task: exercises/{}/README.md", exercise.folder);
        println!("  Your code: {}", exercise.stub());
        println!("\n  {} {}", paper.dim("next:"), paper.cyan(&format!("kafkacourse check {}", exercise.id)));
    }
    Ok(0)
}
