//! What became of a class, held against what must become of it.

use super::made::Expectation;
use super::programs::Expected;
use grader::class::ledger::Ledger;
use grader::class::record::{Outcome, Record};
use grader::submission::LearnerId;
use grader::verdict::Verdict;
use std::path::Path;

/// Every unit that is missing from the journal in `out`, or came to something else than expected, in words.
///
/// # Panics
/// The journal cannot be read.
pub fn differences(expectations: &[Expectation], out: &Path, seeds: u32) -> Vec<String> {
    let ledger = Ledger::read(out.join("journal.jsonl")).expect("a journal");
    let mut differences: Vec<String> = ledger.damaged.iter().map(ToString::to_string).collect();
    for expectation in expectations {
        let Expectation { learner, exercise, program, expected } = expectation;
        let id = LearnerId::new(learner).expect("an id");
        for sitting in 1..=seeds {
            let found = match ledger.record(&id, exercise, sitting) {
                Some(record) if fits(record, expected) => continue,
                Some(record) => format!("{:?}", record.outcome),
                None => "no record".into(),
            };
            differences
                .push(format!("{learner} {exercise} ({program}), sitting {sitting}: {expected:?}, found {found}"));
        }
    }
    differences
}

fn fits(record: &Record, expected: &Expected) -> bool {
    match (&record.outcome, expected) {
        (Outcome::Judged { verdict, diagnosis, .. }, Expected::Judged { verdict: wanted, diagnosis: named }) => {
            (verdict, diagnosis) == (wanted, named)
        }
        (Outcome::Judged { verdict, .. }, Expected::NotPassed) => {
            !matches!(verdict, Verdict::Passed | Verdict::GraderFault)
        }
        (Outcome::Invalid(_), Expected::Invalid) | (Outcome::Missing, Expected::Missing) => true,
        _ => false,
    }
}

/// A result for each unit, without what differs from run to run: to compare two runs of one class.
///
/// # Panics
/// The journal cannot be read.
pub fn outcomes(expectations: &[Expectation], out: &Path, seeds: u32) -> Vec<(String, String, u32, Option<Outcome>)> {
    let ledger = Ledger::read(out.join("journal.jsonl")).expect("a journal");
    let units = expectations.iter().flat_map(|Expectation { learner, exercise, .. }| {
        let id = LearnerId::new(learner).expect("an id");
        let ledger = &ledger;
        (1..=seeds).map(move |sitting| {
            let outcome = ledger.record(&id, exercise, sitting).map(|record| record.outcome.clone());
            (learner.clone(), exercise.clone(), sitting, outcome)
        })
    });
    units.collect()
}
