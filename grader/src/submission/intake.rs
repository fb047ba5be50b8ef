//! A class: everything that was handed in, listed and not yet looked into.

use super::contents::{Packed, Part};
use super::handed::{Handed, Order};
use super::layout::Task;
use super::sources::Language;
use super::{Learner, Note, Unreadable, naming};
use crate::course::Exercise;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How submissions are found and read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What they are written in, where they do not say so themselves.
    pub language: Language,
    pub roster: Option<PathBuf>,
}

/// What a class has handed in.
#[derive(Debug)]
pub struct Intake {
    /// In the order of the roster, or of their ids.
    pub handed: Vec<Handed>,
    /// Those on the roster of whom nothing was handed in.
    pub missing: Vec<Learner>,
    /// What does not fit, each named.
    pub problems: Vec<Note>,
}

impl Intake {
    /// Everybody in the class.
    pub fn learners(&self) -> impl Iterator<Item = &Learner> {
        self.handed.iter().map(|handed| &handed.learner).chain(&self.missing)
    }
}

/// Why submissions cannot be listed at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("{} is neither a folder nor an archive of submissions", path.display())]
    NoFolder { path: PathBuf },
    #[error("there are no submissions in {}", path.display())]
    Empty { path: PathBuf },
}

/// Lists the submissions in `path`. Of each submission, the exercises of `graded` are looked for; `course` is all that
/// there are, so that one which is not meant is recognised.
///
/// # Errors
/// There are none, or the place cannot be read. What is wrong with a single submission is told by [`Handed::open`].
pub fn find(path: &Path, options: &Options, course: &[Exercise], graded: &[&Exercise]) -> Result<Intake, IntakeError> {
    let task = |exercise: &Exercise| Task {
        id: exercise.id.clone(),
        folder: exercise.folder.clone(),
        graded: graded.iter().any(|graded| graded.id == exercise.id),
    };
    let order = Arc::new(Order { tasks: course.iter().map(task).collect(), language: options.language });
    let found = std::fs::metadata(path).map_err(Unreadable::at(path))?;
    if !found.is_dir() {
        return Err(IntakeError::NoFolder { path: path.to_owned() });
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(Unreadable::at(path))? {
        let entry = entry.map_err(Unreadable::at(path))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            entries.push(Part { origin: entry.path(), name });
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.origin.cmp(&b.origin)));
    let names: Vec<&str> = entries.iter().map(|part| Packed::stem(&part.name)).collect();
    let ids = naming::ids(&names);
    let handed = ids.into_iter().zip(entries).map(|(id, part)| Handed {
        learner: Learner { id, name: None, email: None, elsewhere: BTreeMap::new() },
        origin: part.origin.clone(),
        handed_in: None,
        notes: Vec::new(),
        parts: vec![part],
        order: Arc::clone(&order),
    });
    let handed: Vec<Handed> = handed.collect();
    match handed.is_empty() {
        true => Err(IntakeError::Empty { path: path.to_owned() }),
        false => Ok(Intake { handed, missing: Vec::new(), problems: Vec::new() }),
    }
}
