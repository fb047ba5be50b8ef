//! A graded class, for people and for learning platforms: one file per format.
//!
//! Every format is made of [`ClassResults`] and of the stored details of each sitting. Where such a detail cannot be
//! read, the report says so in its place and goes on. Text from outside is made harmless for whatever it lands in.

mod account;
pub mod detail;
pub mod gradescope;
pub mod junit;
pub mod lines;
mod place;
mod points;
mod standing;
pub mod table;
#[cfg(test)]
mod tests;
mod text;

pub use place::NotWritten;
pub use standing::{Kind, Standing};

use crate::class::marks::ClassResults;
use std::path::Path;

/// Writes every report that needs nothing but the results into the folder `into`: `results.csv`, `results.jsonl`,
/// `junit.xml` and `gradescope/LEARNER/results.json`. What is there already is replaced, each file as a whole.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    table::write(results, into)?;
    lines::write(results, into)?;
    junit::write(results, into)?;
    gradescope::write(results, into)
}
