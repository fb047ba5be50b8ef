//! Who is in a class, and what they handed in: `class.json` in the class's folder.

use super::conditions::Conditions;
use super::folder::ClassFolder;
use super::policy::{Policy, days_late};
use super::shard::Shard;
use super::{ClassError, io};
use crate::files;
use crate::submission::{Invalid, Language, Learner, LearnerId, Note, Sources, Submission};
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
    #[serde(default)]
    pub conditions: Conditions,
    /// The part of the class that the last run has graded; none where it was to grade everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
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
        entry: String,
    },
    Invalid(Invalid),
    /// It could not be looked at, which is not the learner's doing.
    Unreadable {
        why: String,
    },
}

impl Entry {
    /// What counts of a submission, with its sources kept in the class's folder.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn of(submission: Submission, folder: &ClassFolder) -> Result<Entry, ClassError> {
        let mut work = BTreeMap::new();
        for (exercise, handed) in submission.exercises {
            let kept = match handed {
                Ok(sources) => {
                    let fingerprint = sources.fingerprint();
                    keep(&sources, folder, &fingerprint)?;
                    Work::Sources { fingerprint, language: sources.language, entry: sources.entry }
                }
                Err(invalid) => Work::Invalid(invalid),
            };
            work.insert(exercise, kept);
        }
        let Submission { learner, origin, handed_in, notes, .. } = submission;
        Ok(Entry { learner, origin: Some(origin), handed_in, notes, work })
    }

    /// Somebody who has handed in nothing.
    pub fn missing(learner: Learner) -> Entry {
        Entry { learner, origin: None, handed_in: None, notes: Vec::new(), work: BTreeMap::new() }
    }

    /// Somebody whose submission could not be looked at.
    pub fn unreadable(learner: Learner, exercises: &[String], why: &str) -> Entry {
        let unreadable = |exercise: &String| (exercise.clone(), Work::Unreadable { why: why.to_owned() });
        Entry { work: exercises.iter().map(unreadable).collect(), ..Entry::missing(learner) }
    }

    /// What was handed in for an exercise, as a text that changes with it; empty where nothing was.
    pub fn identity(&self, exercise: &str) -> String {
        match self.work.get(exercise) {
            Some(Work::Sources { fingerprint, .. }) => fingerprint.clone(),
            Some(Work::Invalid(invalid)) => invalid.to_string(),
            Some(Work::Unreadable { .. }) | None => String::new(),
        }
    }

    /// Days that have begun since `due`; none where nobody knows.
    pub fn days_late(&self, due: Option<jiff::Timestamp>) -> Option<u32> {
        due.zip(self.handed_in).map(|(due, handed_in)| days_late(due, handed_in))
    }
}

/// Puts sources into the folder of their fingerprint, all of them or none.
fn keep(sources: &Sources, folder: &ClassFolder, fingerprint: &str) -> Result<(), ClassError> {
    let place = folder.sources(fingerprint);
    if place.is_dir() {
        return Ok(());
    }
    let write = || {
        let above = place.parent().unwrap_or(folder.root());
        std::fs::create_dir_all(above)?;
        let making = tempfile::Builder::new().prefix(".").tempdir_in(above)?;
        files::write_below(making.path(), &sources.files)?;
        std::fs::rename(making.path(), &place)
    };
    write().map_err(io(&place))
}

impl Roll {
    /// What the submissions are written in.
    pub fn languages(&self) -> impl Iterator<Item = Language> {
        self.learners.iter().flat_map(|entry| entry.work.values()).filter_map(|work| match work {
            Work::Sources { language, .. } => Some(*language),
            _ => None,
        })
    }

    /// Those of whose submission nothing can be graded, and why.
    pub fn unusable(&self) -> impl Iterator<Item = (&LearnerId, String)> {
        self.learners.iter().filter_map(|entry| {
            let mut whys = entry.work.values().map(|work| match work {
                Work::Invalid(invalid) => Some(invalid.to_string()),
                Work::Unreadable { .. } | Work::Sources { .. } => None,
            });
            let first = whys.next()??;
            whys.all(|why| why.is_some()).then_some((&entry.learner.id, first))
        })
    }

    pub fn new(exercises: Vec<String>, policy: Policy, broker: String, sandbox: String) -> Roll {
        Roll {
            format: FORMAT,
            exercises,
            policy,
            broker,
            sandbox,
            conditions: Conditions::default(),
            shard: None,
            learners: Vec::new(),
            complaints: Vec::new(),
        }
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
