//! What was handed in: whose it is, and the few files of it that count.
//!
//! Nothing of a submission is trusted. Only the sources that an exercise names are taken, bounded in number and size;
//! whatever else lies there is ignored and reported.
//!
//! [`find`] lists a class: `export` knows what platforms call the submissions, `roster` who is in the class, `matching`
//! whose each submission is. [`Handed::open`] reads one: `contents` lists what lies in it, however it is packed, `layout`
//! finds the folder of each exercise, and `allowed` the files in it that count.

mod allowed;
mod command;
mod contents;
mod export;
mod handed;
mod intake;
mod layout;
mod learner;
mod matching;
mod naming;
mod notes;
mod path;
mod roster;
mod sources;

pub use handed::Handed;
pub use intake::{Intake, IntakeError, Options, find};
pub use learner::{Learner, LearnerId};
pub use roster::RosterError;
pub use sources::{Language, Sources};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one learner has handed in.
#[derive(Debug, Clone)]
pub struct Submission {
    pub learner: Learner,
    /// The folder, archive or repository; within an export, the path there.
    pub origin: PathBuf,
    /// When it was handed in, where the export tells.
    pub handed_in: Option<jiff::Timestamp>,
    /// By exercise (`ex1`): what counts of it, or why nothing does. An exercise of which nothing was handed in is not
    /// there.
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

impl Note {
    fn new(what: impl Into<String>) -> Note {
        Note { what: what.into(), place: None }
    }

    fn at(what: impl Into<String>, place: impl Into<String>) -> Note {
        Note { what: what.into(), place: Some(place.into()) }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} ({place})", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// What was handed in cannot be looked at, which is not the learner's doing: never scored.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{}: {source}{}", path.display(), crate::files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error(
        "there is more than one submission of this learner, and nothing tells which came last: {}. \
         Remove all but one, then try again.",
        places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Several { places: Vec<PathBuf> },
}

impl Unreadable {
    /// Makes errors of the file system at `path` to this one.
    fn at(path: &Path) -> impl Fn(std::io::Error) -> Unreadable + use<> {
        let path = path.to_owned();
        move |source| Unreadable::Io { path: path.clone(), source }
    }
}

impl Invalid {
    fn new(what: impl Into<String>) -> Invalid {
        Invalid { what: what.into(), place: None }
    }

    fn at(what: impl Into<String>, place: impl Into<String>) -> Invalid {
        Invalid { what: what.into(), place: Some(place.into()) }
    }

    /// The same of something whose place in the submission is `folder`.
    fn within(self, folder: &str) -> Invalid {
        let place = match (self.place, folder) {
            (place, "") => place,
            (Some(place), folder) => Some(path::join(folder, &place)),
            (None, folder) => Some(folder.to_owned()),
        };
        Invalid { place, ..self }
    }
}
