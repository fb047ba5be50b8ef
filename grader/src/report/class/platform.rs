//! Whose export a table is.

use super::sheet::{NoTable, Sheet};
use super::{canvas, moodle};

/// A table that a learning platform exports and takes back with grades in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Canvas,
    MoodleWorksheet,
    /// Or whatever else names learners in its first columns.
    MoodleGradebook,
}

impl Platform {
    /// The one that has written `export`.
    ///
    /// # Errors
    /// It is no table.
    pub fn recognise(export: &[u8]) -> Result<Platform, NoTable> {
        let sheet = Sheet::parse(export)?;
        Ok(match () {
            () if canvas::is_gradebook(&sheet) => Platform::Canvas,
            () if moodle::is_worksheet(&sheet) => Platform::MoodleWorksheet,
            () => Platform::MoodleGradebook,
        })
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Platform::Canvas => "a gradebook of Canvas",
            Platform::MoodleWorksheet => "a grading worksheet of Moodle",
            Platform::MoodleGradebook => "a gradebook of Moodle",
        }
    }
}
