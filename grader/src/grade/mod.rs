//! Grade one program: build it, run it, judge it. Checks, an author's proofs and transcripts all come through here, and
//! so will whatever grades a program next.
//!
//! A [`Grader`] is made once and shared. [`Grader::prepare`] gets the program and the broker ready, side by side;
//! [`Grader::grade`] plays the scenarios and judges each as it ends. They are two calls because they need different
//! things of a machine: building takes processors, a scenario mostly waits.
//!
//! Dropping either call cancels it: the compiler, the programs and their brokers end. [`Grader::settle`] returns when
//! they have, so that whoever grades again at once has the machine for it.

mod candidate;

pub use candidate::Candidate;

use crate::broker::{BrokerError, Brokers, Choice, Description};
use crate::build::{BuildError, Said};
use crate::course::{Exercise, Mistake, Scenario};
use crate::evidence::{Evidence, file_in};
use crate::process::{self, Program, Reaper};
use crate::run::{self, Job, RunError};
use crate::sandbox::Confinement;
use crate::store::StoreError;
use crate::verdict::{self, Played, Verdict};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OnceCell, Semaphore};

/// Scenarios that run at the same time, for each core: they mostly wait, for a broker, for a retry, for each other's
/// processes.
const SCENARIOS_PER_CORE: usize = 3;

/// What goes on, for whoever watches.
pub enum Notice<'a> {
    /// What cargo and the compiler say.
    Building(Said<'a>),
    /// What the broker takes its time for.
    Broker(&'a str),
    /// A scenario has ended and was judged.
    Judged(&'a Played<'a>),
}

/// Gets every [`Notice`] as it comes.
pub type Watch<'w> = dyn Fn(Notice<'_>) + Sync + 'w;

/// What is graded.
pub struct Order<'a> {
    pub exercise: &'a Exercise,
    pub candidate: Candidate<'a>,
    /// All of the exercise's, or some.
    pub scenarios: Vec<&'a Scenario>,
    /// Everything random comes from it.
    pub seed: u64,
    /// What holds the program, where it is not trusted.
    pub confinement: Option<Confinement>,
    /// Is what the compiler says to be coloured?
    pub coloured_compiler: bool,
}

/// A program and a broker, ready to run.
pub struct Ready {
    pub program: Program,
    /// Whose program it is, for the evidence: `exercise`, `solution`, `mistake NAME`, or the command line.
    pub whose: String,
    /// Where it runs.
    pub folder: PathBuf,
    pub seconds: Seconds,
}

/// What became of it.
pub struct Graded<'a> {
    pub exercise: &'a Exercise,
    pub verdict: Verdict,
    pub diagnosis: Option<&'a Mistake>,
    /// In the order of [`Order::scenarios`], without long ones that were not waited for.
    pub played: Vec<Played<'a>>,
    pub broker: Description,
    pub seed: u64,
    pub seconds: Seconds,
}

/// How long it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seconds {
    pub build: f64,
    pub broker: f64,
    pub run: f64,
}

/// Why a program could not be graded.
#[derive(Debug, thiserror::Error)]
pub enum NotGraded {
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Run(#[from] RunError),
    /// There is no place for the evidence.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a check of {exercise}, scenario {scenario}, panicked: {message}. The evidence is in {}", evidence.display())]
    Judging { exercise: String, scenario: String, message: String, evidence: PathBuf },
}

impl NotGraded {
    /// The verdict that stands for it; none where the command line was wrong.
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            NotGraded::Build(BuildError::Broken { .. }) => Some(Verdict::DidNotBuild),
            NotGraded::Run(RunError::NoCommand { .. }) => None,
            _ => Some(Verdict::GraderFault),
        }
    }
}

/// What grading needs for any program, shared by all.
pub struct Grader {
    root: PathBuf,
    choice: Choice,
    brokers: OnceCell<Brokers>,
    /// For exercises of which every scenario changes the cluster.
    clusters: Brokers,
    reaper: Arc<Reaper>,
    scenarios: Semaphore,
}

impl Grader {
    /// For the course at `root`, on the broker of `choice`, and for `programs` programs at the same time.
    ///
    /// # Errors
    /// Our own binary cannot be started a second time, as the process that cleans up after us, or the system lets us open
    /// too few files.
    pub fn new(root: &Path, choice: Choice, programs: usize) -> Result<Grader, RunError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let scenarios = (cores * SCENARIOS_PER_CORE * programs.max(1)).min(process::scenarios_at_once()?);
        let reaper = Reaper::start().map_err(RunError::io("the process that cleans up cannot be started"))?;
        Ok(Grader {
            root: root.to_owned(),
            choice,
            brokers: OnceCell::new(),
            clusters: Brokers::embedded("Only the embedded Kafka has several nodes that can be changed.".to_owned()),
            reaper: Arc::new(reaper),
            scenarios: Semaphore::new(scenarios),
        })
    }

    /// Waits until the programs of calls that were dropped have ended, with all that they had started.
    pub async fn settle(&self) {
        let reaper = self.reaper.clone();
        tokio::task::spawn_blocking(move || reaper.settle()).await.ok();
    }

    /// What ends the programs that are run on its brokers.
    pub fn reaper(&self) -> &Arc<Reaper> {
        &self.reaper
    }

    /// The broker that was asked for; the first call makes sure that it runs.
    ///
    /// # Errors
    /// It does not.
    pub async fn brokers(&self, watch: &Watch<'_>) -> Result<&Brokers, BrokerError> {
        let say = |line: &str| watch(Notice::Broker(line));
        self.brokers.get_or_try_init(|| Brokers::choose(self.choice.clone(), &say)).await
    }

    /// The broker for these scenarios: the one that was asked for, unless all of them change the cluster. Only the embedded
    /// Kafka can be changed, and on another one nothing would be judged, which is no pass.
    ///
    /// # Errors
    /// It does not run.
    pub async fn brokers_for(&self, scenarios: &[&Scenario], watch: &Watch<'_>) -> Result<&Brokers, BrokerError> {
        let all_change_it = !scenarios.is_empty() && scenarios.iter().all(|scenario| scenario.cluster.is_some());
        match all_change_it {
            true => Ok(&self.clusters),
            false => self.brokers(watch).await,
        }
    }

    /// Builds the program while the broker starts.
    ///
    /// # Errors
    /// Either cannot be had.
    pub async fn prepare(&self, order: &Order<'_>, watch: &Watch<'_>) -> Result<Ready, NotGraded> {
        let says = |said: Said<'_>| watch(Notice::Building(said));
        let built = timed(order.candidate.program(&self.root, order.exercise, order.coloured_compiler, says));
        let (built, brokers) = tokio::join!(built, timed(self.brokers_for(&order.scenarios, watch)));
        let ((program, folder), build) = (built.0?, built.1);
        let broker = brokers.1;
        brokers.0?;
        let seconds = Seconds { build, broker, run: 0.0 };
        Ok(Ready { program, whose: order.candidate.name(), folder, seconds })
    }

    /// Plays the scenarios side by side, with their evidence in the folder `evidence`, and judges them.
    ///
    /// # Errors
    /// A run yielded no evidence, or a check panicked. None of it is the learner's doing, but for a command that cannot
    /// be run.
    pub async fn grade<'a>(
        &self,
        order: &Order<'a>,
        ready: &Ready,
        evidence: &Path,
        watch: &Watch<'_>,
    ) -> Result<Graded<'a>, NotGraded> {
        let began = Instant::now();
        let Order { exercise, scenarios, seed, .. } = order;
        let job = Job {
            what: &exercise.id,
            topics: &exercise.topics,
            groups: &exercise.groups,
            program: &ready.program,
            whose: &ready.whose,
            seed: *seed,
            folder: &ready.folder,
            confinement: order.confinement.as_ref(),
        };
        let played = scenarios.iter().enumerate().map(async |(position, scenario)| {
            let file = file_in(evidence, &scenario.id);
            let recorded = self.run(&job, scenario, &file, watch).await?;
            Ok::<_, NotGraded>((position, judge(exercise, scenario, recorded, file).await?))
        });
        let mut running: FuturesUnordered<_> = played.collect();
        let mut played = Vec::new();
        while let Some(ended) = running.next().await {
            let ended: (usize, Played<'a>) = ended?;
            watch(Notice::Judged(&ended.1));
            played.push(ended);
            // Nobody waits for a long scenario where something else is wrong. Dropping it ends its programs.
            let open = |position| played.iter().all(|(of, _)| *of != position);
            let only_long = scenarios.iter().enumerate().all(|(at, scenario)| scenario.long || !open(at));
            if only_long && played.iter().any(|(_, played)| !played.passed()) {
                break;
            }
        }
        let dropped = !running.is_empty();
        drop(running);
        if dropped {
            self.settle().await;
        }
        played.sort_by_key(|(position, _)| *position);
        let played: Vec<Played<'a>> = played.into_iter().map(|(_, played)| played).collect();
        let (verdict, diagnosis) = verdict::sum_up(exercise, &played);
        let broker = self.brokers_for(scenarios, watch).await?.description().clone();
        let seconds = Seconds { run: began.elapsed().as_secs_f64(), ..ready.seconds };
        Ok(Graded { exercise, verdict, diagnosis, played, broker, seed: *seed, seconds })
    }

    /// Plays one scenario as soon as there is room for it.
    ///
    /// # Errors
    /// See [`RunError`], and the broker.
    pub async fn run(
        &self,
        job: &Job<'_>,
        scenario: &Scenario,
        file: &Path,
        watch: &Watch<'_>,
    ) -> Result<Evidence, RunError> {
        let brokers = self.brokers_for(&[scenario], watch).await?;
        let _slot = self.scenarios.acquire().await;
        run::scenario(job, scenario, file, brokers, &self.reaper).await
    }
}

/// Judges on a thread of its own: whatever the evidence, whoever waits can be interrupted, and a check that panics is a
/// fault of ours and nothing worse.
async fn judge<'a>(
    exercise: &Exercise,
    scenario: &'a Scenario,
    evidence: Evidence,
    file: PathBuf,
) -> Result<Played<'a>, NotGraded> {
    let own = scenario.clone();
    let judged = tokio::task::spawn_blocking(move || (verdict::statuses(&own, &evidence), evidence)).await;
    match judged {
        Ok((statuses, evidence)) => Ok(Played::new(scenario, statuses, evidence, file)),
        Err(error) => Err(NotGraded::Judging {
            exercise: exercise.id.clone(),
            scenario: scenario.id.clone(),
            message: panic_message(error),
            evidence: file,
        }),
    }
}

fn panic_message(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "it was cancelled".into() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a word".into())
}

/// What comes of the work, and the seconds that it took.
async fn timed<T>(work: impl Future<Output = T>) -> (T, f64) {
    let began = Instant::now();
    (work.await, began.elapsed().as_secs_f64())
}
