//! Grades what is left of a class: few programs are built at a time, more of them run, and each outcome is on disk before
//! the next thing is begun.

use super::folder::{ClassFolder, sources_in};
use super::ledger::Ledger;
use super::plan::{Item, record};
use super::pulse::Pulse;
use super::record::{CheckResult, CheckStatus, Outcome, Record};
use super::toolchain::Toolchain;
use super::unit::Unit;
use super::{ClassError, io};
use crate::build::{BuildError, Leaf};
use crate::course::{Course, Exercise};
use crate::evidence::Because;
use crate::grade::{Candidate, Graded, Grader, NotGraded, Order, Ready, Seconds};
use crate::process::Program;
use crate::run::RunError;
use crate::sandbox::Confinement;
use crate::submission::Language;
use crate::verdict::{Status, Verdict};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Semaphore;

/// A fault of ours is tried so many times in all.
const ATTEMPTS: u32 = 3;
/// So many faults in a row are no accident.
const MOST_FAULTS: u32 = 3 * ATTEMPTS;

/// What goes on, for whoever watches.
pub enum Notice<'a> {
    /// A program is built, or its turn is over.
    Building(&'a Item),
    Built(&'a Item),
    /// A unit runs; `again` where the machine was too busy the first time.
    Running {
        unit: &'a Unit,
        again: bool,
    },
    /// A unit was kept waiting for a processor, and runs again later.
    PutOff {
        unit: &'a Unit,
    },
    /// A unit is graded, and that is on disk.
    Graded(&'a Record),
    /// A fault of ours, which is tried again.
    Fault {
        unit: &'a Unit,
        what: &'a str,
    },
}

/// What a unit came to, for whoever keeps its story.
pub enum Told<'a> {
    Graded(&'a Graded<'a>),
    /// What the compiler said.
    DidNotBuild {
        exercise: &'a Exercise,
        said: &'a str,
    },
}

/// Everything that grading a class needs.
pub struct Queue<'a> {
    pub course: &'a Course,
    pub folder: &'a ClassFolder,
    pub grader: &'a Grader,
    /// By exercise id; languages without a compiler need none.
    pub leaves: &'a BTreeMap<String, Leaf>,
    /// What runs submissions in other languages than Rust.
    pub toolchains: &'a BTreeMap<Language, Toolchain>,
    /// Units that run at the same time.
    pub jobs: usize,
    /// Programs that are built at the same time.
    pub builds: usize,
    /// Which call of `grader run` this is.
    pub session: u32,
    /// Are programs, and compilers that are given their sources, held in cells?
    pub confined: bool,
    /// The layers that hold, for the records.
    pub sandbox: &'a str,
    pub watch: &'a (dyn Fn(Notice<'_>) + Sync),
    /// Keeps the story of a unit, before its record is kept.
    pub keep: &'a (dyn Fn(&Unit, &Told<'_>) -> std::io::Result<()> + Sync),
}

/// What is scarce, while a queue is worked off.
struct Slots<'p> {
    builds: Semaphore,
    units: Semaphore,
    pulse: &'p Pulse,
    faults: AtomicU32,
    folders: AtomicUsize,
    /// Is there one slot, for what was starved before?
    alone: bool,
    /// Units that were kept waiting for a processor, each with its program.
    starved: Mutex<Vec<Item>>,
}

/// An item whose program is there.
struct Turn<'a> {
    item: &'a Item,
    exercise: &'a Exercise,
    built: Built,
    /// Of building, for each unit.
    seconds: f64,
}

impl Queue<'_> {
    /// Grades all of `items`. What was graded before an error, or before this is dropped, is kept in `ledger`.
    ///
    /// # Errors
    /// A record cannot be kept, or there are faults of ours in a row.
    pub async fn work(&self, items: &[Item], ledger: &Mutex<Ledger>) -> Result<(), ClassError> {
        let pulse = Pulse::start().map_err(RunError::io("no more threads"))?;
        let slots = |builds, jobs, alone| Slots {
            builds: Semaphore::new(builds),
            units: Semaphore::new(jobs),
            pulse: &pulse,
            faults: AtomicU32::new(0),
            folders: AtomicUsize::new(0),
            alone,
            starved: Mutex::default(),
        };
        // So many are in hand that a slot never waits for a program, and no more, since each takes room on the disk.
        let in_hand = self.jobs + self.builds + 1;
        let starved = self.pass(items, in_hand, slots(self.builds, self.jobs, false), ledger).await?;
        // Once more, one after the other, when everything else is over.
        self.pass(&starved, 1, slots(1, 1, true), ledger).await.map(drop)
    }

    /// Grades `items`, so many at the same time. Returns what was starved, of which nothing is known.
    async fn pass(
        &self,
        items: &[Item],
        in_hand: usize,
        slots: Slots<'_>,
        ledger: &Mutex<Ledger>,
    ) -> Result<Vec<Item>, ClassError> {
        let work = stream::iter(items).map(|item| self.item(item, &slots, ledger));
        work.buffer_unordered(in_hand).try_for_each(|()| async { Ok(()) }).await?;
        Ok(slots.starved.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    async fn item(&self, item: &Item, slots: &Slots<'_>, ledger: &Mutex<Ledger>) -> Result<(), ClassError> {
        let Some(exercise) = self.course.exercise(&item.exercise) else { return Ok(()) };
        let number = slots.folders.fetch_add(1, Ordering::Relaxed);
        let work = Work(self.folder.work().join(number.to_string()));
        let (built, seconds) = self.program(item, exercise, &work.0, slots).await;
        let seconds = seconds / item.units.len().max(1) as f64;
        let built = match built {
            Ok(built) => built,
            Err(BuildError::Broken { diagnostics, .. }) => {
                for unit in &item.units {
                    let told = Told::DidNotBuild { exercise, said: &diagnostics };
                    let outcome = Outcome::Judged {
                        verdict: Verdict::DidNotBuild,
                        diagnosis: None,
                        limit: None,
                        checks: Vec::new(),
                    };
                    let record = Record { seconds: (seconds, 0.0), ..self.record(unit, outcome) };
                    self.told(unit, &told)?;
                    self.add(record, ledger)?;
                }
                return Ok(());
            }
            Err(error) => {
                let what = error.to_string();
                for unit in &item.units {
                    self.fault(unit, &what, slots)?;
                    self.add(self.record(unit, Outcome::Fault { what: what.clone() }), ledger)?;
                }
                return Ok(());
            }
        };
        let turn = Turn { item, exercise, built, seconds };
        let units = stream::iter(&item.units).map(|unit| self.unit(unit, &turn, slots, ledger));
        units.buffer_unordered(item.units.len().max(1)).try_for_each(|()| async { Ok(()) }).await
    }

    /// The program of an item, built in `work` where that is needed; and the seconds that it took, but for those of
    /// waiting for a turn.
    async fn program(
        &self,
        item: &Item,
        exercise: &Exercise,
        work: &Path,
        slots: &Slots<'_>,
    ) -> (Result<Built, BuildError>, f64) {
        let _slot = slots.builds.acquire().await;
        (self.watch)(Notice::Building(item));
        let began = Instant::now();
        let built = self.build(item, exercise, work).await;
        (self.watch)(Notice::Built(item));
        (built, began.elapsed().as_secs_f64())
    }

    async fn build(&self, item: &Item, exercise: &Exercise, work: &Path) -> Result<Built, BuildError> {
        let files = sources_in(&self.folder.sources(&item.fingerprint)).map_err(BuildError::Io)?;
        let mut readable = Vec::new();
        std::fs::create_dir_all(work).map_err(BuildError::Io)?;
        let program = match (item.language, self.leaves.get(&item.exercise)) {
            (Language::Rust, Some(leaf)) => Program::Built(leaf.compile(&files, work, self.confined).await?),
            (Language::Rust, None) => {
                let (package, binary) = (exercise.package().to_owned(), exercise.package().to_owned());
                return Err(BuildError::NoProgram { package, binary });
            }
            (language, _) => {
                let toolchain = self.toolchains.get(&language).ok_or_else(|| {
                    BuildError::Io(std::io::Error::other(format!("nothing on this machine runs {language:?}")))
                })?;
                let ready = toolchain.ready((&files, &item.entry), work, self.confined).await?;
                readable = ready.readable;
                ready.program
            }
        };
        let whose = format!("submission to {}", exercise.id);
        let confinement = self.confined.then(|| match &program {
            Program::Built(_) | Program::Part(..) => Confinement::of_program(),
            Program::Command(_) => readable.iter().fold(Confinement::of_script(), |c, path| c.reading(path)),
        });
        let ready = Ready { program, whose, folder: work.to_owned(), seconds: Seconds::default() };
        Ok(Built { ready, confinement })
    }

    async fn unit(
        &self,
        unit: &Unit,
        turn: &Turn<'_>,
        slots: &Slots<'_>,
        ledger: &Mutex<Ledger>,
    ) -> Result<(), ClassError> {
        for attempt in 1..=ATTEMPTS {
            let slot = slots.units.acquire().await;
            (self.watch)(Notice::Running { unit, again: slots.alone });
            let began = Instant::now();
            let result = self.run(unit, turn.exercise, &turn.built).await;
            drop(slot);
            let what = match result {
                // Whoever was kept waiting for a processor runs once more, with nothing beside it.
                Ok(graded) if graded.verdict != Verdict::Passed && !slots.alone && slots.pulse.starved_since(began) => {
                    let item = Item { units: vec![unit.clone()], ..turn.item.clone() };
                    (self.watch)(Notice::PutOff { unit });
                    slots.starved.lock().unwrap_or_else(PoisonError::into_inner).push(item);
                    return Ok(());
                }
                Ok(graded) => {
                    slots.faults.store(0, Ordering::Relaxed);
                    let record = Record {
                        broker: graded.broker.version.clone(),
                        seconds: (turn.seconds, graded.seconds.run),
                        repeated: slots.alone,
                        ..self.record(unit, outcome(&graded))
                    };
                    self.told(unit, &Told::Graded(&graded))?;
                    return self.add(record, ledger);
                }
                Err(error) => error.to_string(),
            };
            self.fault(unit, &what, slots)?;
            if attempt == ATTEMPTS {
                return self.add(self.record(unit, Outcome::Fault { what }), ledger);
            }
        }
        Ok(())
    }

    async fn run<'a>(&self, unit: &Unit, exercise: &'a Exercise, built: &Built) -> Result<Graded<'a>, NotGraded> {
        let evidence = self.folder.evidence(&unit.learner, &unit.exercise, unit.sitting);
        let prepare = || {
            match std::fs::remove_dir_all(&evidence) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::fs::create_dir_all(&evidence)
        };
        prepare().map_err(RunError::io(format!("{}", evidence.display())))?;
        let order = Order {
            exercise,
            candidate: Candidate::Exercise,
            scenarios: exercise.scenarios.iter().collect(),
            seed: unit.seed,
            confinement: built.confinement.clone(),
            coloured_compiler: false,
        };
        self.grader.grade(&order, &built.ready, &evidence, &|_| {}).await
    }

    fn record(&self, unit: &Unit, outcome: Outcome) -> Record {
        record(unit, outcome, self.session, self.sandbox)
    }

    fn told(&self, unit: &Unit, told: &Told<'_>) -> Result<(), ClassError> {
        (self.keep)(unit, told).map_err(io(&self.folder.details(&unit.learner, &unit.exercise, unit.sitting)))
    }

    fn add(&self, record: Record, ledger: &Mutex<Ledger>) -> Result<(), ClassError> {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).add(record.clone())?;
        (self.watch)(Notice::Graded(&record));
        Ok(())
    }

    /// Counts a fault of ours.
    fn fault(&self, unit: &Unit, what: &str, slots: &Slots<'_>) -> Result<(), ClassError> {
        (self.watch)(Notice::Fault { unit, what });
        match slots.faults.fetch_add(1, Ordering::Relaxed) + 1 {
            faults if faults >= MOST_FAULTS => Err(ClassError::Faults { faults, last: what.to_owned() }),
            _ => Ok(()),
        }
    }
}

/// A program that can be graded, and what it may have.
struct Built {
    ready: Ready,
    confinement: Option<Confinement>,
}

/// A folder for one item. It is removed when its turn is over, however that ends.
struct Work(PathBuf);

impl Drop for Work {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// What a graded program came to, for its record.
pub(super) fn outcome(graded: &Graded<'_>) -> Outcome {
    let checks = graded.played.iter().flat_map(|played| {
        played.checks.iter().map(|checked| {
            let (status, codes) = match &checked.status {
                Status::Passed(_) => (CheckStatus::Passed, BTreeSet::new()),
                Status::Failed(findings) => {
                    (CheckStatus::Failed, findings.iter().map(|finding| finding.code.to_string()).collect())
                }
                Status::NoEvidence(_) => (CheckStatus::NoEvidence, BTreeSet::new()),
                Status::NotChecked(_) => (CheckStatus::NotChecked, BTreeSet::new()),
            };
            let (scenario, check) = (played.scenario.id.clone(), checked.spec.id.clone());
            CheckResult { scenario, check, status, codes: codes.into_iter().collect() }
        })
    });
    Outcome::Judged {
        verdict: graded.verdict,
        diagnosis: graded.diagnosis.map(|mistake| mistake.name.clone()),
        limit: graded.played.iter().find_map(|played| match played.gave_up.as_ref()?.because {
            Because::Limit(limit) => Some(limit.name()),
            _ => None,
        }),
        checks: checks.collect(),
    }
}
