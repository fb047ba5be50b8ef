//! `kafkacourse replay`: a recorded run, judged again. The same evidence gives the same verdict.

use super::Context;
use crate::evidence;
use crate::report::story::{Facts, Story};
use crate::report::{json, terminal};
use crate::verdict;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Evidence files of one exercise; without one, those of the latest run
    files: Vec<PathBuf>,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Also what was proved
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    let files = match args.files.as_slice() {
        [] => context.workspace.store().latest(None)?.map(|run| run.complete).unwrap_or_default(),
        files => files.to_vec(),
    };
    let mut loaded = Vec::new();
    for path in files {
        loaded.push((evidence::load(&path)?, path));
    }
    let Some((first, _)) = loaded.first() else {
        anyhow::bail!("there is no evidence yet; kafkacourse check makes some");
    };
    let (id, seed, program) = (first.header.exercise.clone(), first.header.seed, first.header.program.clone());
    let exercise = context.exercise(Some(&id))?;
    let mut played = Vec::new();
    for (evidence, path) in loaded {
        let of = (&evidence.header.exercise, evidence.header.seed, &evidence.header.program);
        if of != (&id, seed, &program) {
            anyhow::bail!("{}: of another run than the first file; name the files of one run", path.display());
        }
        let name = &evidence.header.scenario;
        let scenario = exercise.scenarios.iter().find(|scenario| scenario.id == *name);
        let scenario =
            scenario.ok_or_else(|| anyhow::anyhow!("{}: {id} has no scenario “{name}” any more", path.display()))?;
        played.push(verdict::judge(scenario, evidence, path));
    }
    played.sort_by_key(|one| exercise.scenarios.iter().position(|scenario| scenario.id == one.scenario.id));
    let (verdict, diagnosis) = verdict::sum_up(exercise, &played);
    let facts = Facts { seed, ..Facts::default() };
    let story = Story::new(exercise, &played, (verdict, diagnosis), facts);
    if args.json {
        println!("{}", json::line(&story));
    } else {
        println!("{}", context.out.wrap(&context.out.bold(&format!("{id} · {}", exercise.title)), 0));
        story.scenes.iter().for_each(|scene| println!("{}", terminal::scenario(scene, &context.out)));
        print!("{}", terminal::details(&story, &context.out, args.verbose));
    }
    Ok(verdict.exit_code())
}
