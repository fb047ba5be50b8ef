//! Grades a class: seconds, processors, memory, verdicts.

use super::usage::cost;
use super::{Class, make, root, tell};
use crate::class::verdicts;
use anyhow::Result;
use grader::class::ledger::Ledger;
use grader::submission::LearnerId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    class: Class,
    #[arg(long, default_value = "embedded")]
    broker: String,
    #[arg(long)]
    jobs: Option<u32>,
    #[arg(long, default_value_t = 2)]
    seeds: u32,
    /// Where the class and its results stay; else they go
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Behind `grader run`
    #[arg(last = true)]
    more: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let made = make(&args.class, &folder)?;
    let out = folder.join("out");
    warm_up(args, &folder)?;
    let mut command = grader(args, &folder.join("submissions"), &out);
    let cost = cost(&mut command)?;
    let expectations = made.expectations();
    let ran = seconds(&expectations, &out, args.seeds)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let jobs = args.jobs.map_or(4.0 * cores, f64::from);
    let learners = args.class.learners as f64;
    let (by_processors, by_slots) = (cost.processors / cores, ran.run / jobs);
    println!("{} learners, {} exercises, {} seeds, {cores} cores", learners, args.class.exercises.len(), args.seeds);
    println!("  {:.1} s, {:.2} s a learner; exit status {}", cost.seconds, cost.seconds / learners, cost.status);
    println!(
        "  processors: {:.1} s, {:.2} s a learner; {:.1} s of them the grader itself",
        cost.processors,
        cost.processors / learners,
        cost.own
    );
    println!("  built: {:.1} s; ran: {:.1} s, as the records have it; repeated: {}", ran.build, ran.run, ran.repeated);
    println!(
        "  floor: {by_processors:.1} s for the processors, {by_slots:.1} s for the slots; {:.2} times the higher one",
        cost.seconds / by_processors.max(by_slots)
    );
    println!("  memory of the grader: {:.0} MiB", cost.memory);
    println!("  on disk: {:.1} MiB", size(&out)? as f64 / f64::from(1 << 20));
    for (exercise, seconds) in ran.longest {
        println!("  the longest run of {exercise}: {seconds:.1} s");
    }
    tell(&expectations, &verdicts::differences(&expectations, &out, args.seeds), args.seeds)
}

fn grader(args: &Args, submissions: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grader"));
    command.current_dir(root()).arg("run").arg(submissions).arg("--out").arg(out);
    command.args(["--broker", &args.broker, "--exercises", &args.class.exercises.join(",")]);
    command.args(["--seeds", &args.seeds.to_string()]).args(&args.more);
    if let Some(jobs) = args.jobs {
        command.args(["--jobs", &jobs.to_string()]);
    }
    command.stdout(Stdio::null());
    command
}

/// Sees to it that the course's own crates are built: they are built once, whatever the class.
fn warm_up(args: &Args, folder: &Path) -> Result<()> {
    let submissions = folder.join("warm");
    for exercise in &args.class.exercises {
        let main = submissions.join("nobody").join(exercise).join("src/main.rs");
        std::fs::create_dir_all(main.parent().unwrap_or(folder))?;
        std::fs::write(main, "fn main() { todo!() }\n")?;
    }
    grader(args, &submissions, &folder.join("warm-out")).status()?;
    Ok(())
}

/// What the records say.
#[derive(Default)]
struct Ran {
    build: f64,
    run: f64,
    repeated: usize,
    longest: BTreeMap<String, f64>,
}

fn seconds(expectations: &[crate::class::made::Expectation], out: &Path, seeds: u32) -> Result<Ran> {
    let ledger = Ledger::read(out.join("journal.jsonl"))?;
    let mut ran = Ran::default();
    for expectation in expectations {
        let Some(id) = LearnerId::new(&expectation.learner) else { continue };
        for record in (1..=seeds).filter_map(|sitting| ledger.record(&id, &expectation.exercise, sitting)) {
            ran.build += record.seconds.0;
            ran.run += record.seconds.1;
            ran.repeated += usize::from(record.repeated);
            let longest = ran.longest.entry(record.exercise.clone()).or_default();
            *longest = longest.max(record.seconds.1);
        }
    }
    Ok(ran)
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
