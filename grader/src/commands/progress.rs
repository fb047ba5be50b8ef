//! `kafkacourse progress`: what you have done so far.

use super::Context;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let (paper, progress) = (context.out, &context.progress);
    let (mut points, mut all) = (0, 0);
    for exercise in &context.course.exercises {
        let passed = progress.passed(&exercise.id);
        all += exercise.points;
        points += if passed { exercise.points } else { 0 };
        let mark = if passed { paper.green("✓") } else { "○".into() };
        let mut details = vec![match progress.attempts(&exercise.id) {
            1 => "1 attempt".to_owned(),
            n => format!("{n} attempts"),
        }];
        match progress.hints(&exercise.id) {
            0 => {}
            1 => details.push("1 hint".into()),
            n => details.push(format!("{n} hints")),
        }
        if progress.gave_up(&exercise.id) {
            details.push("solution seen".into());
        }
        let what = format!("{} {}", exercise.id, exercise.title);
        println!("{mark} {what:<36} {:>3} points  {}", exercise.points, paper.dim(&details.join(", ")));
    }
    let sections =
        || context.course.modules.iter().flat_map(|module| module.sections.iter().map(|s| module.section_id(s)));
    let read = sections().filter(|id| progress.read(id)).count();
    println!("\n{points} of {all} points · {read} of {} sections read", sections().count());
    Ok(0)
}
