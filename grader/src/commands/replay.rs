//! `kafkacourse replay`: a recorded run, judged again. The same evidence gives the same verdict. A recording of the
//! theory's pages is played anew: `recording`.

use super::{Context, recording};
use crate::checks::count;
use crate::course::Exercise;
use crate::evidence::{self, Evidence};
use crate::report::out::{out, outln};
use crate::report::story::{Ending, Facts, Story};
use crate::report::{json, terminal};
use crate::verdict;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Evidence files of one exercise, or the name of a recording in a page of the theory; without one, the files of
    /// the latest run
    files: Vec<PathBuf>,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Also what was proved
    #[arg(short, long)]
    verbose: bool,
}

/// The evidence files of a run.
struct Files {
    complete: Vec<PathBuf>,
    /// Of scenarios that were interrupted, or that still go on.
    interrupted: Vec<PathBuf>,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    if let [name] = args.files.as_slice()
        && !name.exists()
        && let Some(demo) = recording::named(context, name)?
    {
        return recording::replay(context, &demo, args.json, args.verbose);
    }
    let files = files(context, &args.files)?;
    let Some(first) = files.complete.first() else {
        let file = files.interrupted.first().map(|file| file.display().to_string()).unwrap_or_default();
        anyhow::bail!(
            "{file}: this run was interrupted before its end and cannot be judged.\n\
             What was seen of it: kafkacourse trace {file}"
        );
    };
    let mut loaded: Vec<(Evidence, PathBuf)> = Vec::new();
    for path in &files.complete {
        let evidence = evidence::load(path)?;
        match loaded.iter().find(|(other, _)| other.header.scenario == evidence.header.scenario) {
            Some((same, _)) if *same == evidence => {} // a copy of a file counts no more than the file
            Some((other, there)) if is_of_one_run(&evidence, other) => anyhow::bail!(
                "{} and {} are two runs of the scenario “{}”; name one of them",
                there.display(),
                path.display(),
                other.header.scenario
            ),
            _ => loaded.push((evidence, path.clone())),
        }
    }
    let header = loaded[0].0.header.clone();
    let exercise = context.exercise(Some(&header.exercise))?;
    let mut played = Vec::new();
    for (evidence, path) in loaded {
        if !is_of_one_run(&evidence, &Evidence { header: header.clone(), events: Vec::new() }) {
            anyhow::bail!("{}: of another run than {}; name the files of one run", path.display(), first.display());
        }
        let (id, name) = (&exercise.id, &evidence.header.scenario);
        let scenario = exercise.scenarios.iter().find(|scenario| scenario.id == *name);
        let scenario =
            scenario.ok_or_else(|| anyhow::anyhow!("{}: {id} has no scenario “{name}” any more", path.display()))?;
        played.push(verdict::judge(scenario, evidence, path));
    }
    played.sort_by_key(|one| exercise.scenarios.iter().position(|scenario| scenario.id == one.scenario.id));
    let (verdict, diagnosis) = verdict::sum_up(exercise, &played);
    let interrupted = scenarios(exercise, &files.interrupted);
    let facts = Facts { seed: header.seed, interrupted, ..Facts::default() };
    let story = Story::new(exercise, &played, (verdict, diagnosis), facts);
    match args.json {
        true => outln!("{}", json::line(&story)),
        false => tell(context, &story, args.verbose),
    }
    Ok(verdict.exit_code())
}

/// The files that the command line names, each once, else those of the latest run.
fn files(context: &Context, named: &[PathBuf]) -> anyhow::Result<Files> {
    if named.is_empty() {
        let latest = context.workspace.store().latest(None)?;
        let latest = latest.ok_or_else(|| anyhow::anyhow!("there is no evidence yet; kafkacourse check makes some"))?;
        return Ok(Files { complete: latest.complete, interrupted: latest.open });
    }
    // By what a name leads to, in the order in which they were named.
    let mut different = BTreeMap::new();
    for (position, path) in named.iter().enumerate() {
        different.entry(path.canonicalize().unwrap_or_else(|_| path.clone())).or_insert((position, path.clone()));
    }
    let mut different: Vec<(usize, PathBuf)> = different.into_values().collect();
    different.sort();
    let is_open = |path: &Path| path.extension().is_some_and(|extension| extension == "open");
    let (interrupted, complete) = different.into_iter().map(|(_, path)| path).partition(|path| is_open(path));
    Ok(Files { complete, interrupted })
}

/// Were these recorded by the same check, for all that their headers say?
fn is_of_one_run(one: &Evidence, other: &Evidence) -> bool {
    let run = |evidence: &Evidence| {
        let header = &evidence.header;
        (header.exercise.clone(), header.seed, header.program.clone())
    };
    run(one) == run(other)
}

/// The scenarios of `exercise` whose evidence these files hold, by the files' names.
fn scenarios(exercise: &Exercise, files: &[PathBuf]) -> Vec<String> {
    let name = |file: &PathBuf| Some(file.file_name()?.to_str()?.split('.').next()?.to_owned());
    let known = |name: &String| exercise.scenarios.iter().any(|scenario| scenario.id == *name);
    files.iter().filter_map(name).filter(known).collect()
}

fn tell(context: &Context, story: &Story, verbose: bool) {
    let paper = context.out;
    outln!("{}", paper.wrap(&paper.bold(&format!("{} · {}", story.exercise, story.title)), 0));
    out!("{}{}", terminal::scenarios(story, &paper), terminal::details(story, &paper, verbose));
    let judged = story.scenes.len();
    if judged < story.of && !matches!(story.ending, Ending::PartPassed) {
        let were = if judged == 1 { "was" } else { "were" };
        outln!("\n{}", paper.wrap(&format!("{judged} of {} {were} judged.", count(story.of, "scenario")), 2));
    }
    if !story.facts.interrupted.is_empty() {
        let names = story.facts.interrupted.join(", ");
        outln!("{}", paper.wrap(&format!("Interrupted before their end, or still going on: {names}."), 2));
    }
}
