//! `kafkacourse next`: where you are, what to read, the one command to type.

use super::Context;
use crate::checks::count;
use crate::course::{Exercise, Module};
use crate::report::out::outln;
use crate::theory::Step;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let (paper, course) = (context.out, &context.course);
    let step = context.step();
    let passed = course.exercises.iter().filter(|exercise| context.progress.passed(&exercise.id)).count();
    if step.is_some() {
        outln!("{passed} of {} exercises passed.\n", course.exercises.len());
    }
    let command = match step {
        Some(Step::Exercise(module, exercise)) => self::exercise(context, module, exercise),
        Some(Step::Read(module)) => {
            outln!("{}", paper.bold(&module.heading()));
            to_read(context, module, "To read");
            announce(context, module);
            "kafkacourse read".to_owned()
        }
        Some(Step::Quiz(module)) => {
            outln!("{} {}", paper.bold(&format!("{} · the quiz", module.heading())), paper.dim("· about 5 min"));
            if let Some(round) = context.progress.open_round(&module.id) {
                outln!("  You have answered {}; it goes on where you stopped.", round.answers.len());
            }
            announce(context, module);
            format!("kafkacourse quiz {}", module.id)
        }
        None => {
            outln!("{}", paper.green("You have passed every exercise. Well done."));
            course.modules.iter().for_each(|module| announce(context, module));
            outln!("  {} {}", paper.dim("next:"), paper.cyan("kafkacourse progress"));
            return Ok(0);
        }
    };
    outln!("\n  {} {}", paper.dim("next:"), paper.cyan(&command));
    Ok(0)
}

/// Tells about the exercise, and returns the command to type.
fn exercise(context: &Context, module: &Module, exercise: &Exercise) -> String {
    let paper = context.out;
    outln!(
        "{} {}",
        paper.bold(&format!("{} · {}", exercise.id, exercise.title)),
        paper.dim(&format!("· about {} min", exercise.minutes))
    );
    // Who has worked here without reading is reminded, and not sent back.
    let tried = |id: &String| context.progress.attempts(id) > 0;
    let reads = context.unread(module).count() < module.sections.len() || !module.exercises.iter().any(tried);
    if !tried(&exercise.id) && reads && to_read(context, module, "To read first") {
        outln!("  Or go right ahead: {}", paper.dim(&exercise.stub()));
        announce(context, module);
        return "kafkacourse read".to_owned();
    }
    let (task, check) = (format!("kafkacourse read {}", exercise.id), format!("kafkacourse check {}", exercise.id));
    outln!("  The task:  {task}");
    outln!("  Your code: {}", exercise.stub());
    outln!("  Then:      {check}");
    let (left, minutes) = (context.unread(module).count(), unread_minutes(context, module));
    if left > 0 {
        let theory = format!("{} of {}, {minutes} min: kafkacourse read", count(left, "section"), module.title);
        outln!("{}", paper.beside("  To read:   ", &theory));
    }
    announce(context, module);
    // Who has not seen the task has nothing to check.
    let begun = context.progress.attempts(&exercise.id) > 0 || context.progress.read(&exercise.id);
    if begun { check } else { task }
}

fn unread_minutes(context: &Context, module: &Module) -> u32 {
    context.unread(module).map(|section| section.minutes).sum()
}

/// Lists what is left to read in the module; says whether anything is.
fn to_read(context: &Context, module: &Module, what: &str) -> bool {
    let paper = context.out;
    let minutes = unread_minutes(context, module);
    if minutes == 0 {
        return false;
    }
    outln!("  {what}, {minutes} min:");
    for section in context.unread(module) {
        let minutes = paper.dim(&format!("{} min", section.minutes));
        outln!("{}", paper.row(&format!("    {}", section.title), 49, &minutes));
    }
    true
}

/// The exercises of the module that are still being built.
fn announce(context: &Context, module: &Module) {
    for coming in &module.coming {
        outln!("  {}", context.out.dim(&format!("Coming: {} {}", coming.id, coming.title)));
    }
}
