//! `kafkacourse solution`: the reference, for those who have passed or given up.

use super::Context;
use crate::files;
use crate::limits::COURSE_FILE_BYTES;
use crate::progress::Done;
use crate::report::out::outln;
use crate::report::pager::page;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercise: Option<String>,
    /// Show it before you have passed; your progress says so
    #[arg(long)]
    give_up: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let exercise = context.exercise(args.exercise.as_deref())?.clone();
    let id = exercise.id.clone();
    if !context.progress.passed(&id) && !context.progress.gave_up(&id) {
        if !args.give_up {
            outln!("{id} is not passed yet. A hint helps more: kafkacourse hint {id}");
            outln!("To see the solution all the same: kafkacourse solution {id} --give-up");
            return Ok(1);
        }
        context.progress.add(Done::GaveUp { exercise: id })?;
    }
    let path = context.workspace.root.join("solutions").join(&exercise.folder).join("src/main.rs");
    let text = files::read_text(&path, COURSE_FILE_BYTES)
        .map_err(|error| anyhow::anyhow!("{}: {error}{}", path.display(), files::remedy(&error)))?;
    page(&format!("{}\n\n{text}", context.out.dim(&path.display().to_string())), &context.out);
    Ok(0)
}
