//! `results.csv`: one row per learner.

use super::place::{self, NotWritten};
use super::points::{Sum, figure};
use super::standing::Standing;
use crate::class::marks::{ClassResults, LearnerResult};
use std::borrow::Cow;
use std::io::Error;
use std::path::Path;

/// Writes `results.csv` into the folder `into`.
///
/// # Errors
/// It cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    place::put(&into.join("results.csv"), |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(heads(results)).map_err(Error::other)?;
        for learner in &results.learners {
            table.write_record(row(learner)).map_err(Error::other)?;
        }
        table.flush()
    })
}

fn heads(results: &ClassResults) -> Vec<String> {
    let mut heads: Vec<String> =
        ["learner", "name", "email", "handed_in", "days_late", "points", "of", "late", "not_marked", "notes"]
            .map(str::to_owned)
            .into();
    for exercise in &results.exercises {
        heads.extend(["points", "verdict", "mistake"].map(|head| format!("{}_{head}", exercise.id)));
    }
    heads
}

fn row(learner: &LearnerResult) -> Vec<String> {
    let sum = Sum::new(learner);
    // Who it is must be found again by whoever joins this table with another, so these cells are what they are.
    let mut row = vec![
        learner.learner.id.to_string(),
        learner.learner.name.clone().unwrap_or_default(),
        learner.learner.email.clone().unwrap_or_default(),
        no_formula(learner.handed_in.as_deref().unwrap_or_default()).into_owned(),
        learner.days_late.map(|days| days.to_string()).unwrap_or_default(),
        figure(sum.mark.points),
        figure(sum.mark.of),
        figure(sum.mark.late),
        sum.unmarked.to_string(),
        learner.notes.len().to_string(),
    ];
    for result in &learner.exercises {
        row.push(result.mark.map(|mark| figure(mark.points)).unwrap_or_default());
        row.push(Standing::new(result).code().to_owned());
        let mistake = result.decisive().and_then(|record| record.outcome.diagnosis()).unwrap_or_default();
        row.push(no_formula(mistake).into_owned());
    }
    row
}

/// `text`, which a spreadsheet is not to take for a formula: what begins like one gets a `'` before it. (OWASP, "CSV
/// Injection".)
pub(super) fn no_formula(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}
