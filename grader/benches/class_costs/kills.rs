//! Kills the grader at random moments: what was graded is kept, and nothing is graded twice.

use super::{Class, make, root, tell};
use crate::class::verdicts;
use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    class: Class,
    /// So many kills, over as many classes as that takes
    #[arg(long, default_value_t = 100)]
    times: u32,
    /// A grader lives so many milliseconds at most
    #[arg(long, default_value_t = 8000)]
    longest: u64,
}

pub fn run(args: &Args) -> Result<()> {
    let mut random = StdRng::seed_from_u64(args.class.seed);
    let (mut kills, mut classes) = (0, 0);
    while kills < args.times {
        let folder = tempfile::tempdir()?;
        let made = make(&args.class, folder.path())?;
        let out = folder.path().join("out");
        let mut known = Vec::new();
        loop {
            let life = Duration::from_millis(random.random_range(0..args.longest));
            let mut command = Command::new("timeout");
            command.args(["--signal", "KILL", "--foreground", &format!("{:.3}", life.as_secs_f64())]);
            if kills >= args.times {
                command = Command::new("env");
            }
            command.arg(env!("CARGO_BIN_EXE_grader")).current_dir(root()).arg("run");
            command.arg(folder.path().join("submissions")).arg("--out").arg(&out);
            command.args(["--broker", "embedded", "--exercises", &args.class.exercises.join(",")]);
            let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            let now = lines(&out);
            ensure!(now.starts_with(&known), "records are gone after {kills} kills");
            known = now;
            if ended.success() {
                break;
            }
            kills += 1;
            print!(".");
        }
        classes += 1;
        println!(" {kills} kills, {classes} classes");
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        for line in &known {
            let record: serde_json::Value = serde_json::from_str(line)?;
            *times.entry(record["key"].to_string()).or_default() += 1;
        }
        let twice = times.iter().filter(|(_, times)| **times > 1).count();
        ensure!(twice == 0, "{twice} units were graded twice");
        let expectations = made.expectations();
        tell(&expectations, &verdicts::differences(&expectations, &out, 2), 2)?;
    }
    Ok(())
}

/// The whole lines of the journal.
fn lines(out: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(out.join("journal.jsonl")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_owned).collect()
}
