//! What was handed in: whose it is, and the few files of it that count.
//!
//! Nothing of a submission is trusted. Only the sources that an exercise names are taken, bounded in number and size;
//! whatever else lies there is ignored and reported.

mod learner;
mod sources;

pub use learner::{Learner, LearnerId};
pub use sources::{Language, Sources};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What one learner has handed in.
#[derive(Debug, Clone)]
pub struct Submission {
    pub learner: Learner,
    /// The folder, archive or repository; within an export, the path there.
    pub origin: PathBuf,
    /// When it was handed in, where the export tells.
    pub handed_in: Option<jiff::Timestamp>,
    /// By exercise (`ex1`): what counts of it, or why nothing does.
    pub exercises: BTreeMap<String, Result<Sources, Invalid>>,
    pub notes: Vec<Note>,
}

/// Why nothing of a submission can be graded: the learner's doing, and a fact, so it is told with the path in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}{}", place.as_deref().map(|place| format!(" ({place})")).unwrap_or_default())]
pub struct Invalid {
    /// "a path that leaves the archive", "a file of 3 MiB; 256 KiB are taken".
    pub what: String,
    /// The path within the submission, as it stands there. It is foreign text.
    pub place: Option<String>,
}

/// Something that was seen in a submission and has no effect: a `build.rs` that was ignored, a second archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub what: String,
    /// The path within the submission, as it stands there. It is foreign text.
    pub place: Option<String>,
}
