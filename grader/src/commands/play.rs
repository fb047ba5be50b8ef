//! Several scenarios of one exercise, side by side, for one program.

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

/// The program of an exercise, under the name of `whose`.
pub(super) fn job<'a>(
    exercise: &'a Exercise,
    (program, whose): (&'a Program, &'a str),
    seed: u64,
    folder: &'a Path,
) -> Job<'a> {
    Job { what: &exercise.id, topics: &exercise.topics, groups: &exercise.groups, program, whose, seed, folder }
}

/// Plays `scenarios` with evidence in `folder`, tells `told` as each ends, and returns them in the order given.
pub(super) async fn all<'a>(
    job: &Job<'_>,
    scenarios: &[&'a Scenario],
    folder: &Path,
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
        .map(|(at, scenario)| one(job, (at, scenario), folder, brokers, reaper, &slots))
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
    job: &Job<'_>,
    (at, scenario): (usize, &'a Scenario),
    folder: &Path,
    brokers: &Brokers,
    reaper: &Arc<Reaper>,
    slots: &Semaphore,
) -> Result<(usize, Played<'a>), RunError> {
    let _slot = slots.acquire().await;
    let path = folder.join(format!("{}.jsonl.gz", scenario.id));
    let evidence = run::scenario(job, scenario, &path, brokers, reaper).await?;
    Ok((at, verdict::judge(scenario, evidence, path)))
}
