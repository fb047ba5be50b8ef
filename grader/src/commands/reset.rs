//! `kafkacourse reset`: the stub as it was.

use super::Context;

#[derive(Debug, clap::Args)]
pub struct Args {
    exercise: String,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    let exercise = context.exercise(Some(&args.exercise))?;
    match context.workspace.reset(exercise)? {
        Some(backup) => {
            println!("{} is as it was at first.", exercise.stub());
            println!("Your work is kept in {}", backup.display());
        }
        None => println!("{} is as it was at first; nothing to do.", exercise.stub()),
    }
    Ok(0)
}
