//! `gradescope/LEARNER/results.json`: what Gradescope's harness takes from an autograder, one test for each exercise.
//!
//! The format is that of <https://gradescope-autograders.readthedocs.io/en/latest/specs/> ("Output format"). The file must
//! be there and valid whatever happens, so an autograder writes [`unfinished`] before it begins. Nothing is hidden, since
//! Gradescope shows learners no sum where any test is; and a test that we could not judge has no score instead of a zero.

use super::account::{Account, Reader};
use super::place::{self, NotWritten};
use super::points;
use super::standing::Kind;
use super::text;
use crate::class::marks::{ClassResults, ExerciseInfo, LearnerResult};
use serde_json::{Value, json};
use std::path::Path;

/// Writes `gradescope/LEARNER/results.json` of each learner below the folder `into`.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    results.learners.iter().try_for_each(|learner| {
        let folder = into.join("gradescope").join(learner.learner.id.as_str());
        write_learner(results, learner, &folder.join("results.json"))
    })
}

/// Writes the file of one learner to `path`.
///
/// # Errors
/// It cannot be written.
pub fn write_learner(results: &ClassResults, learner: &LearnerResult, path: &Path) -> Result<(), NotWritten> {
    put(path, &whole(results, learner))
}

/// Writes the file that says that grading has not come to its end; for the time until it has.
///
/// # Errors
/// It cannot be written.
pub fn unfinished(path: &Path) -> Result<(), NotWritten> {
    let output =
        "The autograder did not come to its end. That is no fault of yours: ask your instructor to run it again.";
    put(path, &json!({ "score": 0, "output": output, "output_format": "text", "visibility": "visible", "tests": [] }))
}

fn put(path: &Path, value: &Value) -> Result<(), NotWritten> {
    place::put(path, |file| Ok(serde_json::to_writer_pretty(file, value)?))
}

fn whole(results: &ClassResults, learner: &LearnerResult) -> Value {
    let exercises = results.exercises.iter().zip(&learner.exercises);
    let tests: Vec<Value> = exercises
        .zip(1..)
        .map(|((info, result), number)| {
            let account = Account::new(info, result, Reader::Learner);
            let score = result.mark.map(|mark| (round(mark.points), round(mark.of)));
            test(info, &account, score, number)
        })
        .collect();
    let sum = points::Sum::new(learner);
    let unmarked = match sum.unmarked {
        0 => String::new(),
        some => format!(" {some} of {} could not be judged, and will be graded again.", learner.exercises.len()),
    };
    json!({
        "score": round(sum.mark.points),
        "output": format!("{}.{unmarked}", points::in_words(&sum.mark)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": tests,
        "extra_data": { "graded_at": results.facts.at, "version": results.facts.version },
    })
}

fn test(info: &ExerciseInfo, account: &Account, score: Option<(f64, f64)>, number: u32) -> Value {
    let mut test = json!({
        "name": format!("{} · {}: {}", info.id, info.title, account.standing.in_words()),
        "number": number.to_string(),
        "output": text::account(account),
        "visibility": "visible",
        "extra_data": { "verdict": account.standing.code() },
    });
    if let Some((points, of)) = score {
        test["score"] = points.into();
        test["max_score"] = of.into();
        test["status"] = if account.standing.kind() == Kind::Passed { "passed" } else { "failed" }.into();
    }
    test
}

fn round(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}
