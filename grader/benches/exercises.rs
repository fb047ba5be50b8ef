//! Seconds of a check of each exercise's solution on each broker, warm and with nothing to build, and where they go.

use anyhow::{Context as _, Result};
use grader::course::Course;
use grader::evidence;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 5;

fn main() -> Result<()> {
    println!("seconds of `check EX --solution`, medians of {ROUNDS}");
    println!("  {:<4} {:<9} {:>6} {:>6} {:>6}  the longest scenario", "", "broker", "build", "broker", "run");
    for exercise in Course::load(&root())?.exercises {
        for broker in ["embedded", "docker"] {
            match (0..=ROUNDS).map(|_| once(&exercise.id, broker)).collect::<Result<Vec<_>>>() {
                // The first round warms cargo, the disk cache and the container.
                Ok(rounds) => tell(&exercise.id, broker, &rounds[1..]),
                Err(why) => println!("  {:<4} {broker:<9} skipped. {why:#}", exercise.id),
            }
        }
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Round {
    build: f64,
    broker: f64,
    run: f64,
    /// Seconds of each scenario; they run side by side.
    scenarios: BTreeMap<String, f64>,
}

fn once(exercise: &str, broker: &str) -> Result<Round> {
    let output = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .current_dir(root())
        .args(["check", exercise, "--solution", "--json", "--broker", broker])
        .output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).trim().to_owned())?;
    anyhow::ensure!(report["verdict"] == "passed", "{}", report["verdict"]);
    let seconds = |of: &str| report["seconds"][of].as_f64().context("seconds are numbers");
    let mut scenarios = BTreeMap::new();
    for path in report["evidence"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let evidence = evidence::load(Path::new(path))?;
        let last = evidence.events.last().map_or(0, |event| event.at);
        scenarios.insert(evidence.header.scenario, last as f64 / 1e6);
    }
    Ok(Round { build: seconds("build")?, broker: seconds("broker")?, run: seconds("run")?, scenarios })
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn tell(exercise: &str, broker: &str, rounds: &[Round]) {
    let of = |what: fn(&Round) -> f64| median(rounds.iter().map(what).collect());
    let scenario = |id: &str| median(rounds.iter().filter_map(|round| round.scenarios.get(id).copied()).collect());
    let ids = rounds.iter().flat_map(|round| round.scenarios.keys());
    let longest = ids.map(|id| (scenario(id), id)).max_by(|a, b| a.0.total_cmp(&b.0));
    let longest = longest.map_or_else(String::new, |(seconds, id)| format!("{id}, {seconds:.1}"));
    println!(
        "  {exercise:<4} {broker:<9} {:>6.2} {:>6.2} {:>6.2}  {longest}",
        of(|round| round.build),
        of(|round| round.broker),
        of(|round| round.run)
    );
}
