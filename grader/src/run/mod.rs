//! One scenario, step by step, to evidence.
//!
//! From the bottom: `input` makes records, `idle` and `groups` read the events as they come; `stage` sets everything up;
//! `wait` waits for evidence; `roles` ends processes and starts them again; `collect`, `drill` (with `locks`) and `offsets` are steps that need a
//! file of their own, `steps` is all the others. `session` takes them one by one: for a scenario, and for whoever wants to
//! take steps of their own.

mod collect;
mod drill;
mod folder;
mod groups;
mod idle;
mod input;
mod late;
mod locks;
mod offsets;
mod roles;
mod session;
mod stage;
mod steps;
mod wait;
mod work;
mod writer;

use crate::broker::{self, BrokerError, Brokers};
use crate::course::{Scenario, Topic};
use crate::evidence::{Ended, Evidence, Stream, What};
use crate::process::{self, Program, Reaper, Stretch, TooFewDescriptors};
use crate::recorder::RecordError;
use crate::sandbox::Confinement;
use std::path::Path;
use std::sync::Arc;

pub use input::derived_seed;
pub use session::{Session, Taken};

/// A program, and what it is run with in each scenario.
pub struct Job<'a> {
    /// For the evidence's header: the exercise's id, or what else it is.
    pub what: &'a str,
    /// Made for each run, under names of its own.
    pub topics: &'a [Topic],
    pub groups: &'a [String],
    pub program: &'a Program,
    /// For the evidence's header: `exercise`, `solution`, `mistake NAME`, or the command line.
    pub whose: &'a str,
    pub seed: u64,
    /// Where the program runs. A confined one runs in the scenario's own folder, if this one is not shown to it.
    pub folder: &'a Path,
    /// What holds the program, where it is not trusted; besides, it finds itself, its input and the scenario's folder.
    pub confinement: Option<&'a Confinement>,
}

/// Why there is no evidence. But for the command, none of it is the learner's doing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("{what}: {source}{}", process::remedy(source))]
    Io { what: String, source: std::io::Error },
    #[error(transparent)]
    Descriptors(#[from] TooFewDescriptors),
    #[error("the broker died: {0}")]
    BrokerDied(String),
    #[error(
        "kafkacourse was stopped again and again while scenario {scenario} ran (with Ctrl-Z, or by a machine that slept). \
         Run the command again."
    )]
    Suspended { scenario: String },
    #[error("the command “{line}” cannot be run: {why}. It is given to `sh -c`, in the folder where you are.")]
    NoCommand { line: String, why: String },
}

impl RunError {
    /// What was tried, before what the system says about it.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> RunError {
        let what = what.into();
        move |source| RunError::Io { what, source }
    }
}

/// How often a scenario is played, where the broker dies under it or somebody stops the grader.
const PLAYS: usize = 2;
const PLAYS_WHEN_SUSPENDED: usize = 5;

/// Runs the scenario, puts its evidence into `file`, and returns it. When the broker dies under it and can be had
/// again, or the grader was stopped meanwhile, it is played once more: neither says anything about the program.
///
/// # Errors
/// See [`RunError`].
pub async fn scenario(
    job: &Job<'_>,
    scenario: &Scenario,
    file: &Path,
    brokers: &Brokers,
    reaper: &Arc<Reaper>,
) -> Result<Evidence, RunError> {
    let mut plays = 0;
    loop {
        plays += 1;
        let stretch = Stretch::begin();
        let played = once(job, scenario, file, (brokers, reaper), &stretch).await;
        let suspended = stretch.was_interrupted();
        match played {
            _ if suspended && plays < PLAYS_WHEN_SUSPENDED => {}
            _ if suspended => return Err(RunError::Suspended { scenario: scenario.id.clone() }),
            Err(RunError::BrokerDied(_)) if plays < PLAYS && brokers.recovered().await => {}
            played => return played,
        }
    }
}

async fn once(
    job: &Job<'_>,
    scenario: &Scenario,
    file: &Path,
    (brokers, reaper): (&Brokers, &Arc<Reaper>),
    stretch: &Stretch,
) -> Result<Evidence, RunError> {
    let mut session = Session::start(job, scenario, file, brokers, reaper).await?;
    // Not every broker can be what the scenario wants; then there is nothing to be judged.
    let playable = scenario.cluster.is_none() || brokers.description().kind == broker::Kind::Embedded;
    for step in scenario.steps.iter().filter(|_| playable) {
        let taken = tokio::select! {
            taken = session.step(step) => taken?,
            () = stretch.interrupted() => break,
        };
        if taken == Taken::InVain {
            break;
        }
    }
    let evidence = session.close().await?;
    if let Program::Command(line) = job.program
        && let Some(why) = not_run(&evidence)
    {
        return Err(RunError::NoCommand { line: line.clone(), why });
    }
    Ok(evidence)
}

/// The shell's word on a command that it could not run. A program that has spoken to somebody did run, whatever status
/// it ended with.
fn not_run(evidence: &Evidence) -> Option<String> {
    let why = evidence.events.iter().find_map(|event| match &event.what {
        What::Exited { how: Ended::Code(127), .. } => Some("it was not found"),
        What::Exited { how: Ended::Code(126), .. } => Some("it may not be executed"),
        _ => None,
    })?;
    let spoke = evidence.events.iter().any(|event| matches!(event.what, What::Connected { .. } | What::Call { .. }));
    let said = evidence.events.iter().rev().find_map(|event| match &event.what {
        What::Output { stream: Stream::Stderr, line } => Some(line.clone()),
        _ => None,
    });
    (!spoke).then(|| said.unwrap_or_else(|| why.to_owned()))
}
