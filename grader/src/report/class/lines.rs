//! `results.jsonl`: one object for each sitting of each learner, on one line each, for scripts.

use super::place::{self, NotWritten};
use super::standing::Standing;
use crate::class::marks::{ClassResults, ExerciseResult, LearnerResult};
use crate::class::record::Record;
use crate::foreign;
use serde_json::{Value, json};
use std::path::Path;

/// Version of the lines.
pub const FORMAT: u32 = 1;

/// Writes `results.jsonl` into the folder `into`. An exercise that was not graded yet has one line, without a `record`.
///
/// # Errors
/// It cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    place::put(&into.join("results.jsonl"), |file| {
        for learner in &results.learners {
            for exercise in &learner.exercises {
                let records = exercise.records.iter().map(Some);
                let none = exercise.records.is_empty().then_some(None);
                for record in records.chain(none) {
                    writeln!(file, "{}", foreign::json(&line(learner, exercise, record))?)?;
                }
            }
        }
        Ok(())
    })
}

fn line(learner: &LearnerResult, exercise: &ExerciseResult, record: Option<&Record>) -> Value {
    json!({
        "format": FORMAT,
        "learner": learner.learner,
        "exercise": exercise.exercise,
        "standing": Standing::new(exercise).code(),
        "mark": exercise.mark,
        "fresh": exercise.fresh,
        "handed_in": learner.handed_in,
        "days_late": learner.days_late,
        "record": record,
    })
}
