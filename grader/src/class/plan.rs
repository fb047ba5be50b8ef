//! What is left to grade: programs, each with the units that need it.

use super::conditions::Conditions;
use super::key::Key;
use super::ledger::Ledger;
use super::record::{FORMAT, Outcome, Record};
use super::roll::{Entry, Roll, Work};
use super::seeds::Secret;
use super::spec::Spec;
use super::unit::Unit;
use crate::submission::{Language, LearnerId};
use std::collections::BTreeMap;

/// A program that has to be built, or at least to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub exercise: String,
    pub language: Language,
    /// The file that the program begins with.
    pub entry: String,
    /// See [`crate::submission::Sources::fingerprint`]; sources that are the same are built once.
    pub fingerprint: String,
    pub units: Vec<Unit>,
}

/// What the outcome of any unit depends on besides the unit.
pub struct Terms<'a> {
    pub secret: &'a Secret,
    /// By exercise.
    pub specs: &'a BTreeMap<String, Spec>,
    /// By language: compiler or interpreter, with its version.
    pub toolchains: &'a BTreeMap<Language, String>,
    pub limits: &'a str,
}

impl Terms<'_> {
    /// What is kept of them for a class of this course.
    pub fn conditions(&self, course: &str) -> Conditions {
        Conditions {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            course: course.to_owned(),
            secret: self.secret.fingerprint(),
            toolchains: self.toolchains.clone(),
            limits: self.limits.to_owned(),
        }
    }
}

/// All there is to do.
#[derive(Debug, Default)]
pub struct Plan {
    pub items: Vec<Item>,
    /// Units in all, and how many of them need no grading: they were graded, or nothing was handed in.
    pub units: usize,
    pub done: usize,
    /// Records that can be made at once.
    pub ready: Vec<Record>,
}

impl Plan {
    /// What is left to do of what `roll` holds, for the learners that are `chosen`.
    pub fn new(
        roll: &Roll,
        ledger: &Ledger,
        terms: &Terms<'_>,
        session: u32,
        chosen: impl Fn(&LearnerId) -> bool,
    ) -> Plan {
        let mut plan = Plan::default();
        let mut items: BTreeMap<(usize, &str), Item> = BTreeMap::new();
        for entry in roll.learners.iter().filter(|entry| chosen(&entry.learner.id)) {
            for (position, exercise) in roll.exercises.iter().enumerate() {
                for sitting in 1..=roll.policy.seeds {
                    plan.units += 1;
                    let unit = unit(entry, exercise, sitting, roll, terms);
                    if ledger.is_graded(&unit) {
                        plan.done += 1;
                        continue;
                    }
                    let outcome = match entry.work.get(exercise) {
                        Some(Work::Sources { fingerprint, language, entry }) => {
                            let item = items.entry((position, fingerprint)).or_insert_with(|| Item {
                                exercise: exercise.clone(),
                                language: *language,
                                entry: entry.clone(),
                                fingerprint: fingerprint.clone(),
                                units: Vec::new(),
                            });
                            item.units.push(unit);
                            continue;
                        }
                        Some(Work::Invalid(invalid)) => Outcome::Invalid(invalid.clone()),
                        Some(Work::Unreadable { why }) => Outcome::Fault { what: why.clone() },
                        None => Outcome::Missing,
                    };
                    plan.done += 1;
                    plan.ready.push(record(&unit, outcome, session, &roll.sandbox));
                }
            }
        }
        plan.items = items.into_values().collect();
        plan
    }
}

fn unit(entry: &Entry, exercise: &str, sitting: u32, roll: &Roll, terms: &Terms<'_>) -> Unit {
    let seed = terms.secret.seed(exercise, &entry.learner.id, sitting);
    let sources = entry.identity(exercise);
    let language = match entry.work.get(exercise) {
        Some(Work::Sources { language, .. }) => *language,
        _ => Language::default(),
    };
    let spec = terms.specs.get(exercise).cloned().unwrap_or_default();
    let key = Key {
        sources: &sources,
        exercise,
        scenarios: &spec.scenarios,
        toolchain: terms.toolchains.get(&language).map_or("", String::as_str),
        seed,
        limits: terms.limits,
        broker: &roll.broker,
    };
    let (learner, exercise, key) = (entry.learner.id.clone(), exercise.to_owned(), key.digest());
    Unit { learner, exercise, sitting, seed, key, sources, spec, language }
}

/// The record of a unit, as of now; what ran is added where something did.
pub(super) fn record(unit: &Unit, outcome: Outcome, session: u32, sandbox: &str) -> Record {
    Record {
        format: FORMAT,
        at: jiff::Timestamp::now().to_string(),
        key: unit.key.clone(),
        sources: unit.sources.clone(),
        spec: unit.spec.clone(),
        session,
        learner: unit.learner.clone(),
        exercise: unit.exercise.clone(),
        sitting: unit.sitting,
        seed: unit.seed,
        language: unit.language,
        outcome,
        broker: String::new(),
        sandbox: sandbox.to_owned(),
        seconds: (0.0, 0.0),
        repeated: false,
        regrade_of: None,
    }
}
