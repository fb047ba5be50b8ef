//! Records to marks: points of each learner for each exercise.

use super::record::{CheckStatus, Outcome, Record};
use crate::submission::{Learner, Note};
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
    pub days_late: u32,
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

/// How much of an exercise counts as how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// As many points as checks have passed, in proportion.
    #[default]
    Checks,
    /// All points for a pass, and none otherwise.
    Nothing,
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
    let Outcome::Judged { checks, .. } = outcome else { return 0.0 };
    if outcome.passed() {
        return 1.0;
    }
    let counts = checks.iter().filter(|check| check.status != CheckStatus::NotChecked);
    let (passed, of) = counts
        .fold((0u32, 0u32), |(passed, of), check| (passed + u32::from(check.status == CheckStatus::Passed), of + 1));
    // Whoever has not passed has not reached everything, whatever single checks say.
    if of == 0 { 0.0 } else { (f64::from(passed) / f64::from(of)).min(0.99) }
}
