//! A scenario that is going on, one step at a time.

use super::stage::Stage;
use super::wait::{Halt, give_up};
use super::{Job, RunError, folder, late, roles, steps};
use crate::broker::{Brokers, Watch};
use crate::course::{Scenario, Step};
use crate::evidence::{Because, Event, Evidence, Rule};
use crate::process::Reaper;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long a scenario may take in all, however busy it looks.
const LIMIT: Duration = Duration::from_secs(90);

/// Longer than anybody sits before a program.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// A program, its broker, and what happens between them. Dropping it ends all of it.
pub struct Session {
    _watching: JoinSet<()>,
    stage: Stage,
    broker: Watch,
    deadline: Instant,
}

/// Looks at events.
pub type Eye<'e> = dyn FnMut(&[Arc<Event>]) + 'e;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// It waited in vain, as the evidence says; the steps behind it make no sense any more.
    InVain,
}

impl Session {
    /// Gets everything ready that the scenario needs, its input included; no process has been started. The evidence
    /// goes into `file`.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn start(
        job: &Job<'_>,
        scenario: &Scenario,
        file: &Path,
        brokers: &Brokers,
        reaper: &Arc<Reaper>,
    ) -> Result<Session, RunError> {
        let broker = match scenario.cluster {
            Some(cluster) => brokers.open_cluster(cluster.nodes, cluster.min_insync_replicas),
            None => None,
        };
        let broker = broker.unwrap_or_else(|| brokers.open());
        let watch = broker.watch();
        let stage = Stage::set(job, scenario, file, (brokers.description(), broker), reaper);
        let stage = watch.during(stage).await.map_err(RunError::BrokerDied)??;
        let mut watching = JoinSet::new(); // which ends with the session
        watching.spawn(folder::watch(stage.folder().to_owned(), stage.recorder.clone()));
        watching.spawn(late::watch(stage.recorder.clone()));
        Ok(Session { _watching: watching, stage, broker: watch, deadline: Instant::now() + LIMIT })
    }

    /// Takes the step, and returns as soon as its evidence is there.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn step(&mut self, step: &Step) -> Result<Taken, RunError> {
        let taken = tokio::time::timeout_at(self.deadline, steps::take(&mut self.stage, step));
        match self.broker.during(taken).await.map_err(RunError::BrokerDied)? {
            Ok(Ok(())) => Ok(Taken::Done),
            Ok(Err(Halt::GaveUp)) => Ok(Taken::InVain),
            Ok(Err(Halt::Fault(error))) => Err(error),
            Err(_) => {
                give_up(&self.stage, "the end of the scenario", Because::TookTooLong { seconds: LIMIT.as_secs() });
                Ok(Taken::InVain)
            }
        }
    }

    /// One more fault, which counts from now on.
    pub fn arm(&self, rule: Rule) {
        self.stage.recorder.arm(rule);
    }

    /// The path of a file in the folder that the programs are given.
    pub fn file(&self, name: &str) -> PathBuf {
        self.stage.file(name)
    }

    /// Its programs are our own: however much they do, it is recorded.
    pub fn trust(&self) {
        self.stage.recorder.lift_limits();
    }

    /// Lets it go on for as long as whoever takes the steps wants.
    pub fn without_limit(&mut self) {
        self.deadline = Instant::now() + FOR_EVER;
    }

    /// Waits until every process has ended, or a program has reached a limit.
    ///
    /// # Errors
    /// The broker died.
    pub async fn until_ended(&mut self) -> Result<(), RunError> {
        let reached = self.stage.recorder.until(FOR_EVER, |_| false, |_| false); // ends with a limit alone
        let ended = async {
            tokio::select! {
                () = self.stage.ended() => {}
                _ = reached => {}
            }
        };
        self.broker.during(ended).await.map_err(RunError::BrokerDied)
    }

    /// SIGTERM to the role's process, at once, and waits until it has ended, as long as a scenario would.
    ///
    /// # Errors
    /// The broker died.
    pub async fn stop(&mut self, role: &str) -> Result<(), RunError> {
        let stopped = self.broker.during(roles::stop_now(&self.stage, role)).await;
        match stopped.map_err(RunError::BrokerDied)? {
            Ok(()) | Err(Halt::GaveUp) => Ok(()),
            Err(Halt::Fault(error)) => Err(error),
        }
    }

    /// Looks at the events so far as [`Session::look`] does, also while a step is being taken.
    pub fn looker(&self) -> impl Fn(&mut Eye<'_>) + use<> {
        let recorder = self.stage.recorder.clone();
        move |eye| recorder.look(|events| eye(events))
    }

    /// Looks at the events so far, without copying them.
    pub fn look<T>(&self, eye: impl FnOnce(&[Arc<Event>]) -> T) -> T {
        self.stage.recorder.look(eye)
    }

    /// Ends what still runs, and returns the evidence.
    ///
    /// # Errors
    /// The evidence could not be written, or the broker had died.
    pub async fn close(self) -> Result<Evidence, RunError> {
        self.stage.close().await
    }
}
