//! Records to marks: points of each learner for each exercise.

use super::folder::ClassFolder;
use super::ledger::Ledger;
use super::policy::{Partial, Policy};
use super::record::{CheckStatus, Outcome, Record};
use super::roll::{Entry, Roll};
use crate::course::{Course, Exercise};
use crate::submission::{Learner, Note};
use crate::verdict::Verdict;
use serde::Serialize;
use std::path::PathBuf;

/// A class as it was graded: everything that a report says, except for what its details hold.
#[derive(Debug, Clone)]
pub struct ClassResults {
    pub title: String,
    pub exercises: Vec<ExerciseInfo>,
    /// In the order of the roster, or of their ids.
    pub learners: Vec<LearnerResult>,
    pub facts: ClassFacts,
}

/// How the class was graded.
#[derive(Debug, Clone, Serialize)]
pub struct ClassFacts {
    /// UTC, RFC 3339.
    pub at: String,
    /// Of kafkacourse.
    pub version: String,
    /// Which of the calls of `grader run` on this folder this was, counted from 1.
    pub session: u32,
    pub broker: String,
    pub sandbox: String,
    /// How many seeds each exercise was graded with.
    pub seeds: u32,
    /// What went wrong with single cases, as sentences for the instructor. Foreign text may stand in them.
    pub complaints: Vec<String>,
}

/// An exercise, as far as reports speak of it.
#[derive(Debug, Clone, Serialize)]
pub struct ExerciseInfo {
    pub id: String,
    pub title: String,
    /// Points for passing it.
    pub points: f64,
    pub checks: Vec<CheckInfo>,
    pub mistakes: Vec<MistakeInfo>,
}

#[derive(Debug, Clone, Serialize)]
pub struct CheckInfo {
    pub scenario: String,
    pub scenario_title: String,
    pub check: String,
    pub title: String,
}

/// A known mistake.
#[derive(Debug, Clone, Serialize)]
pub struct MistakeInfo {
    pub name: String,
    pub title: String,
    pub explanation: String,
    /// The page that explains it, as `kafkacourse read` calls it.
    pub read: String,
}

/// What one learner has reached.
#[derive(Debug, Clone)]
pub struct LearnerResult {
    pub learner: Learner,
    /// In the order of [`ClassResults::exercises`].
    pub exercises: Vec<ExerciseResult>,
    pub notes: Vec<Note>,
    /// When it was handed in, and how many days late that is.
    pub handed_in: Option<String>,
    pub days_late: Option<u32>,
}

/// One exercise of one learner, over all seeds.
#[derive(Debug, Clone)]
pub struct ExerciseResult {
    pub exercise: String,
    /// None where nothing is known because of a fault of ours.
    pub mark: Option<Mark>,
    /// One for each seed, in their order; where one of them failed, that decides.
    pub records: Vec<Record>,
    /// The story of each sitting, as `check --json` prints it, one file each. Not there where nothing ran.
    pub details: Vec<Option<PathBuf>>,
    /// Was it graded by the last call of `grader run`, or taken from an earlier one?
    pub fresh: bool,
}

/// Points, and what they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mark {
    pub points: f64,
    pub of: f64,
    /// Points that were taken off because it was late.
    pub late: f64,
}

/// The results of a class, as far as it is graded.
pub fn results(course: &Course, folder: &ClassFolder, roll: &Roll, ledger: &Ledger) -> ClassResults {
    let policy = &roll.policy;
    let exercises: Vec<&Exercise> = roll.exercises.iter().filter_map(|id| course.exercise(id)).collect();
    let learner = |entry: &Entry| {
        let days_late = entry.days_late(policy.due);
        let exercise = |exercise: &&Exercise| {
            let sittings = 1..=policy.seeds;
            let records: Vec<Record> = sittings
                .filter_map(|sitting| ledger.record(&entry.learner.id, &exercise.id, sitting).cloned())
                // What was handed in meanwhile has no mark until it is graded.
                .filter(|record| record.sources == entry.identity(&exercise.id))
                .collect();
            let details = records.iter().map(|record| {
                Some(folder.details(&record.learner, &record.exercise, record.sitting)).filter(|path| path.is_file())
            });
            ExerciseResult {
                exercise: exercise.id.clone(),
                mark: mark(&records, policy, points(policy, exercise), days_late.unwrap_or(0)),
                details: details.collect(),
                fresh: records.iter().any(|record| record.session == ledger.session()),
                records,
            }
        };
        LearnerResult {
            learner: entry.learner.clone(),
            exercises: exercises.iter().map(exercise).collect(),
            notes: entry.notes.clone(),
            handed_in: entry.handed_in.map(|at| at.to_string()),
            days_late,
        }
    };
    ClassResults {
        title: policy.title.clone().unwrap_or_else(|| course.title.clone()),
        exercises: exercises.iter().map(|exercise| info(exercise, points(policy, exercise))).collect(),
        learners: roll.learners.iter().map(learner).collect(),
        facts: ClassFacts {
            at: jiff::Timestamp::now().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            session: ledger.session(),
            broker: roll.broker.clone(),
            sandbox: roll.sandbox.clone(),
            seeds: policy.seeds,
            complaints: roll.complaints.clone(),
        },
    }
}

fn points(policy: &Policy, exercise: &Exercise) -> f64 {
    policy.points.get(&exercise.id).copied().unwrap_or(f64::from(exercise.points))
}

fn info(exercise: &Exercise, points: f64) -> ExerciseInfo {
    let checks = exercise.scenarios.iter().flat_map(|scenario| {
        scenario.checks.iter().map(|check| CheckInfo {
            scenario: scenario.id.clone(),
            scenario_title: scenario.title.clone(),
            check: check.id.clone(),
            title: check.title.clone(),
        })
    });
    let mistake = |mistake: &crate::course::Mistake| MistakeInfo {
        name: mistake.name.clone(),
        title: mistake.title.clone(),
        explanation: mistake.explanation.clone(),
        read: mistake.read.clone(),
    };
    ExerciseInfo {
        id: exercise.id.clone(),
        title: exercise.title.clone(),
        points,
        checks: checks.collect(),
        mistakes: exercise.mistakes.iter().map(mistake).collect(),
    }
}

/// The mark over all sittings: the worst of them decides. None unless all of them are known, and not for a fault of ours.
fn mark(records: &[Record], policy: &Policy, of: f64, days_late: u32) -> Option<Mark> {
    if records.len() < policy.seeds as usize || records.iter().any(|record| record.outcome.is_ours()) {
        return None;
    }
    let shares = records.iter().map(|record| match policy.partial {
        Partial::Nothing if !record.outcome.passed() => 0.0,
        _ => share(&record.outcome),
    });
    let reached = hundredths(of * shares.fold(1.0, f64::min));
    let lost = match policy.late.days {
        _ if days_late == 0 => 0.0,
        Some(days) if days_late > days => 100.0,
        _ => (policy.late.percent_per_day * f64::from(days_late)).min(100.0),
    };
    let late = hundredths(reached * lost / 100.0);
    Some(Mark { points: hundredths(reached - late), of, late })
}

/// As a spreadsheet shows it: no platform wants more digits.
fn hundredths(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

impl ExerciseResult {
    /// The record that decides: the worst one.
    pub fn decisive(&self) -> Option<&Record> {
        self.records.get(self.decisive_position()?)
    }

    /// Where it stands among [`ExerciseResult::records`] and [`ExerciseResult::details`].
    pub fn decisive_position(&self) -> Option<usize> {
        let shares = self.records.iter().map(|record| share(&record.outcome)).enumerate();
        shares.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(position, _)| position)
    }
}

/// How much of an exercise was reached, from 0 to 1. Checks that the broker could not show do not count.
pub fn share(outcome: &Outcome) -> f64 {
    let Outcome::Judged { verdict, checks, .. } = outcome else { return 0.0 };
    match verdict {
        Verdict::Passed => return 1.0,
        // Checks that forbid something pass of a program that does nothing.
        Verdict::NotStarted => return 0.0,
        _ => {}
    }
    let counts = checks.iter().filter(|check| check.status != CheckStatus::NotChecked);
    let (passed, of) = counts
        .fold((0u32, 0u32), |(passed, of), check| (passed + u32::from(check.status == CheckStatus::Passed), of + 1));
    // Whoever has not passed has not reached everything, whatever single checks say.
    if of == 0 { 0.0 } else { (f64::from(passed) / f64::from(of)).min(0.99) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::policy::Late;
    use crate::class::record::{CheckResult, FORMAT};
    use crate::class::spec::Spec;
    use crate::submission::{Language, LearnerId};

    fn record(outcome: Outcome) -> Record {
        Record {
            format: FORMAT,
            at: String::new(),
            key: String::new(),
            sources: String::new(),
            spec: Spec::default(),
            session: 1,
            learner: LearnerId::new("ada").unwrap(),
            exercise: "ex1".into(),
            sitting: 1,
            seed: 1,
            language: Language::Rust,
            outcome,
            broker: String::new(),
            sandbox: String::new(),
            seconds: (0.0, 0.0),
            repeated: false,
            regrade_of: None,
        }
    }

    /// A program of whose checks some have passed, some have failed, and some could not be shown.
    fn judged(verdict: Verdict, passed: usize, failed: usize, not_checked: usize) -> Record {
        let of = |status, n| std::iter::repeat_n(status, n);
        let statuses = of(CheckStatus::Passed, passed)
            .chain(of(CheckStatus::Failed, failed))
            .chain(of(CheckStatus::NotChecked, not_checked));
        let check = |status| CheckResult { scenario: "s".into(), check: "c".into(), status, codes: Vec::new() };
        record(Outcome::Judged { verdict, diagnosis: None, limit: None, checks: statuses.map(check).collect() })
    }

    #[test]
    fn marks_are_of_the_worst_sitting_and_less_for_what_is_late() {
        let passed = || judged(Verdict::Passed, 4, 0, 1);
        let half = || judged(Verdict::Failed, 2, 2, 1);
        let policy = Policy::default();
        let strict = Policy { partial: Partial::Nothing, ..Policy::default() };
        let late = Policy { late: Late { percent_per_day: 10.0, days: Some(3) }, ..Policy::default() };
        let fault = || record(Outcome::Fault { what: "the disk is full".into() });
        type Row<'a> = (&'static str, Vec<Record>, &'a Policy, u32, Option<(f64, f64)>);
        let table: [Row<'_>; 12] = [
            ("passed twice", vec![passed(), passed()], &policy, 0, Some((10.0, 0.0))),
            ("the worst decides", vec![passed(), half()], &policy, 0, Some((5.0, 0.0))),
            ("no part counts", vec![passed(), half()], &strict, 0, Some((0.0, 0.0))),
            ("all checks, and yet stuck", vec![judged(Verdict::TimedOut, 4, 0, 0); 2], &policy, 0, Some((9.9, 0.0))),
            ("did not build", vec![judged(Verdict::DidNotBuild, 0, 0, 0); 2], &policy, 0, Some((0.0, 0.0))),
            ("not started", vec![judged(Verdict::NotStarted, 1, 3, 0); 2], &policy, 0, Some((0.0, 0.0))),
            ("missing", vec![record(Outcome::Missing), record(Outcome::Missing)], &policy, 0, Some((0.0, 0.0))),
            ("our fault", vec![passed(), fault()], &policy, 0, None),
            ("not all graded", vec![passed()], &policy, 0, None),
            ("two days late", vec![passed(), passed()], &late, 2, Some((8.0, 2.0))),
            ("too late", vec![passed(), passed()], &late, 4, Some((0.0, 10.0))),
            ("late without a price", vec![passed(), passed()], &policy, 400, Some((10.0, 0.0))),
        ];
        for (name, records, policy, days, wanted) in table {
            let mark = mark(&records, policy, 10.0, days);
            assert_eq!(mark.map(|mark| (mark.points, mark.late)), wanted, "{name}");
        }
    }
}
