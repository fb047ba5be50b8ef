//! `kafkacourse hint`: one more each time, from a nudge to almost the answer.

use super::Context;
use crate::progress::Done;
use crate::report::out::outln;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercise: Option<String>,
    /// Show this one again, counted from 1
    #[arg(long, allow_negative_numbers = true)]
    stage: Option<usize>,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let exercise = context.exercise(args.exercise.as_deref())?;
    let (all, seen) = (exercise.hints.len(), context.progress.hints_shown(&exercise.id));
    if let Some(stage) = args.stage.filter(|stage| *stage > all) {
        anyhow::bail!("{} has {all} hints, and no hint {stage}", exercise.id);
    }
    let stage = args.stage.unwrap_or(seen.saturating_add(1)).clamp(1, all.max(1));
    let Some(hint) = exercise.hints.get(stage - 1) else {
        anyhow::bail!("{} has no hints", exercise.id);
    };
    let paper = context.out;
    outln!("{}", paper.bold(&format!("{}, hint {stage} of {all}", exercise.title)));
    outln!("{}", paper.wrap(hint, 2));
    if stage == all {
        outln!("  {}", paper.dim(&format!("That was the last one. kafkacourse solution {} --give-up", exercise.id)));
    }
    let exercise = exercise.id.clone();
    if stage > seen {
        context.keep(Done::Hinted { exercise, stage });
    }
    Ok(0)
}
