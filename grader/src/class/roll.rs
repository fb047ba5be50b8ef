//! Who is in a class, and what they handed in: `class.json` in the class's folder.

use super::folder::ClassFolder;
use super::policy::{Policy, days_late};
use super::{ClassError, io};
use crate::files;
use crate::submission::{Invalid, Language, Learner, Note};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Version of the file; a newer one is refused.
const FORMAT: u32 = 1;
/// A thousand learners take some hundred KiB.
const LONGEST: u64 = 256 << 20;

/// A class as it was handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roll {
    pub format: u32,
    /// What was graded, in the course's order.
    pub exercises: Vec<String>,
    pub policy: Policy,
    /// The kind of broker, and the layers of the sandbox.
    pub broker: String,
    pub sandbox: String,
    pub learners: Vec<Entry>,
    /// What was wrong with single cases, for the instructor.
    pub complaints: Vec<String>,
}

/// One learner, and what counts of their submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub learner: Learner,
    /// None where nothing was handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// By exercise; what is not named was not handed in.
    pub work: BTreeMap<String, Work>,
}

/// What was handed in for one exercise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Sources that lie in [`ClassFolder::sources`].
    Sources {
        fingerprint: String,
        language: Language,
    },
    Invalid(Invalid),
}

impl Entry {
    /// Days that have begun since `due`; 0 where nobody knows.
    pub fn days_late(&self, due: Option<jiff::Timestamp>) -> u32 {
        due.zip(self.handed_in).map_or(0, |(due, handed_in)| days_late(due, handed_in))
    }
}

impl Roll {
    pub fn new(exercises: Vec<String>, policy: Policy, broker: String, sandbox: String) -> Roll {
        Roll { format: FORMAT, exercises, policy, broker, sandbox, learners: Vec::new(), complaints: Vec::new() }
    }

    /// Reads the roll of a class.
    ///
    /// # Errors
    /// There is none, or it is damaged, or of a newer version.
    pub fn read(folder: &ClassFolder) -> Result<Roll, ClassError> {
        let path = folder.roll();
        let bytes = files::read(&path, LONGEST).map_err(io(&path))?;
        let not_ours = |what: String| ClassError::NotOurs { path: path.clone(), what };
        let raw: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| not_ours(error.to_string()))?;
        match raw.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format > u64::from(FORMAT) => {
                Err(not_ours(format!("format {format}; this version reads {FORMAT}. Update kafkacourse")))
            }
            _ => serde_json::from_value(raw).map_err(|error| not_ours(error.to_string())),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// The disk is full, say.
    pub fn write(&self, folder: &ClassFolder) -> Result<(), ClassError> {
        let path = folder.roll();
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(folder.root())?;
            serde_json::to_writer(std::io::BufWriter::new(&mut file), self)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(io(&path))
    }
}
