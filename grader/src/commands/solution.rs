//! `kafkacourse solution`: the reference, for those who have passed or given up.

use super::Context;
use crate::course::Exercise;
use crate::files;
use crate::foreign::Foreign;
use crate::limits::COURSE_FILE_BYTES;
use crate::progress::Done;
use crate::report::difference;
use crate::report::out::outln;
use crate::report::pager::page;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercise: Option<String>,
    /// Show it before you have passed; your progress says so
    #[arg(long)]
    give_up: bool,
    /// Only what differs from your program: your lines with -, the solution's with +
    #[arg(long)]
    diff: bool,
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
    let text = read(&path)?;
    if args.diff {
        return diff(context, &exercise, &text);
    }
    page(&format!("{}\n\n{text}", context.out.dim(&path.display().to_string())), &context.out);
    Ok(0)
}

fn diff(context: &Context, exercise: &Exercise, solution: &str) -> anyhow::Result<u8> {
    let (paper, id) = (context.out, &exercise.id);
    if let Some(command) = context.remembered()?.command(id) {
        let line = Foreign::from(command.line.as_str());
        anyhow::bail!(
            "your program of {id} is `{line}`, and the solution is in Rust: there is nothing to compare line by line. \
             All of it: kafkacourse solution {id}"
        );
    }
    let yours = read(&context.workspace.stub(exercise))?;
    match difference::lines(&yours, solution, &paper) {
        Some(lines) => {
            let legend = format!("{} yours, {}   {} the solution", paper.red("-"), exercise.stub(), paper.green("+"));
            page(&format!("{legend}\n{lines}"), &paper);
        }
        None => outln!("Your program is the solution, line by line."),
    }
    Ok(0)
}

fn read(path: &Path) -> anyhow::Result<String> {
    files::read_text(path, COURSE_FILE_BYTES)
        .map_err(|error| anyhow::anyhow!("{}: {error}{}", path.display(), files::remedy(&error)))
}
