//! `kafkacourse reset`: the stub as it was.

use super::Context;
use crate::report::out::outln;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…
    exercise: String,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    let exercise = context.exercise(Some(&args.exercise))?;
    match context.workspace.reset(exercise)? {
        Some(backup) => {
            outln!("{} is as it was at first.", exercise.stub());
            let backup = backup.strip_prefix(&context.workspace.root).unwrap_or(&backup).display();
            outln!("Your work is kept. To have it back, in the course's folder:");
            outln!("  cp {backup} {}", exercise.stub());
        }
        None => outln!("{} is as it was at first; nothing to do.", exercise.stub()),
    }
    Ok(0)
}
