//! All scenarios of one exercise, side by side, for one program.

use crate::broker::Brokers;
use crate::course::{Exercise, Scenario};
use crate::run::{self, Job, RunError};
use crate::sandbox::{Program, Reaper};
use crate::verdict::{self, Played};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A program and what it is called.
pub(super) struct Subject<'a> {
    pub exercise: &'a Exercise,
    pub program: &'a Program,
    pub whose: &'a str,
    pub seed: u64,
    /// Where it runs.
    pub folder: &'a Path,
    /// Where its evidence goes.
    pub evidence: &'a Path,
}

/// Plays `scenarios`, tells `told` as each ends, and returns them in the order of the exercise.
pub(super) async fn all<'a>(
    subject: &Subject<'_>,
    scenarios: &[&'a Scenario],
    brokers: &Brokers,
    reaper: &Arc<Reaper>,
    mut told: impl FnMut(&Played<'a>),
) -> Result<Vec<Played<'a>>, RunError> {
    // Scenarios mostly wait: for a broker, for a retry, for each other's processes.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let slots = Semaphore::new(cores * 3);
    let mut running: FuturesUnordered<_> = scenarios
        .iter()
        .enumerate()
        .map(|(at, scenario)| one(subject, at, scenario, brokers, reaper, &slots))
        .collect();
    let mut played = Vec::new();
    while let Some(result) = running.next().await {
        let (at, one) = result?;
        told(&one);
        played.push((at, one));
    }
    played.sort_by_key(|(at, _)| *at);
    Ok(played.into_iter().map(|(_, played)| played).collect())
}

async fn one<'a>(
    subject: &Subject<'_>,
    at: usize,
    scenario: &'a Scenario,
    brokers: &Brokers,
    reaper: &Arc<Reaper>,
    slots: &Semaphore,
) -> Result<(usize, Played<'a>), RunError> {
    let _slot = slots.acquire().await;
    let path = subject.evidence.join(format!("{}.jsonl.gz", scenario.id));
    let job = Job {
        what: &subject.exercise.id,
        topics: &subject.exercise.topics,
        groups: &subject.exercise.groups,
        scenario,
        program: subject.program,
        whose: subject.whose,
        seed: subject.seed,
        folder: subject.folder,
        evidence: &path,
    };
    let evidence = run::scenario(&job, brokers, reaper).await?;
    Ok((at, verdict::judge(scenario, evidence, path)))
}
