//! A graded class, for people and for learning platforms: one file per format.
//!
//! Every format is made of [`ClassResults`] and of the stored details of each sitting. Where such a detail cannot be
//! read, the report says so in its place and goes on. Text from outside is made harmless for whatever it lands in.

mod account;
pub mod canvas;
pub mod detail;
pub mod feedback;
pub mod gradescope;
pub mod junit;
pub mod lines;
mod markup;
pub mod moodle;
pub mod page;
mod place;
mod platform;
mod points;
mod round_trip;
mod sheet;
mod standing;
pub mod table;
#[cfg(test)]
mod tests;
mod text;

pub use place::{NotWritten, put};
pub use platform::Platform;
pub use round_trip::{Column, Complaint, Filled, Grade, Unusable};
pub use sheet::{LARGEST as LARGEST_EXPORT, NoTable};
pub use standing::{Kind, Standing};

use crate::class::marks::{ClassResults, ExerciseInfo, ExerciseResult};
use std::path::Path;

/// What there is to say of an exercise of a learner, as plain text for the instructor.
pub fn in_text(info: &ExerciseInfo, result: &ExerciseResult) -> String {
    text::account(&account::Account::new(info, result, account::Reader::Instructor))
}

/// Writes every report that needs nothing but the results into the folder `into`: `report.html`, `results.csv`, `results.jsonl`,
/// `junit.xml`, `gradescope/LEARNER/results.json` and `feedback/LEARNER.html`. What is there already is replaced, each file as a whole.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    table::write(results, into)?;
    lines::write(results, into)?;
    junit::write(results, into)?;
    gradescope::write(results, into)?;
    feedback::write(results, into)?;
    page::write(results, into)
}
