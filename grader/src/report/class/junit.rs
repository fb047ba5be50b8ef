//! `junit.xml`, as Jenkins and its like read it: a suite for each learner, a case for each exercise.
//!
//! What the learner has to answer for is a `failure`, what we have is an `error`, and what was not handed in is `skipped`.

use super::account::{Account, Reader};
use super::place::{self, NotWritten};
use super::standing::{Kind, Standing};
use super::text;
use crate::class::marks::{ClassResults, ExerciseInfo, ExerciseResult};
use crate::foreign::Foreign;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io::Error;
use std::path::Path;
use std::time::Duration;

/// Writes `junit.xml` into the folder `into`.
///
/// # Errors
/// It cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    place::put(&into.join("junit.xml"), |file| report(results).serialize(file).map_err(Error::other))
}

// XML 1.0 has no place for most control characters, not even escaped: `Foreign` shows none, nor does `quick_junit`.
fn report(results: &ClassResults) -> Report {
    let mut report = Report::new(Foreign::from(&results.title).to_string());
    for learner in &results.learners {
        let mut suite = TestSuite::new(learner.learner.id.as_str());
        for (info, result) in results.exercises.iter().zip(&learner.exercises) {
            let mut case = TestCase::new(format!("{} · {}", info.id, info.title), status(info, result));
            case.set_classname(learner.learner.id.as_str());
            let seconds = result.records.iter().map(|record| record.seconds.0 + record.seconds.1).sum();
            case.set_time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report
}

fn status(info: &ExerciseInfo, result: &ExerciseResult) -> TestCaseStatus {
    let account = Account::new(info, result, Reader::Instructor);
    let mut status = match account.standing.kind() {
        Kind::Passed => return TestCaseStatus::success(),
        Kind::Ours => TestCaseStatus::non_success(NonSuccessKind::Error),
        Kind::Nothing if account.standing == Standing::Missing => TestCaseStatus::skipped(),
        Kind::Fell | Kind::Nothing => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let first = account.entries.first().map(|entry| format!(": {}", entry.title)).unwrap_or_default();
    status
        .set_type(account.standing.code())
        .set_message(format!("{}{first}", account.standing.in_words()))
        .set_description(text::account(&account));
    status
}
