//! The folder that a class is graded into (`--out`): where everything in it lies.

use super::{ClassError, io};
use crate::submission::LearnerId;
use crate::{files, limits};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of one class. While it lives, no other grader works there.
#[derive(Debug)]
pub struct ClassFolder {
    root: PathBuf,
    _lock: Option<File>,
}

impl ClassFolder {
    /// Opens the folder for grading, and makes it where it is not there.
    ///
    /// # Errors
    /// It cannot be made, or another grader is at work there.
    pub fn open(root: &Path) -> Result<ClassFolder, ClassError> {
        files::make_folder(root).map_err(io(root))?;
        let path = lock_file(root);
        let mut options = OpenOptions::new();
        let file = files::open_as(options.create(true).append(true), &path).map_err(io(&path))?;
        lock(&file, root)?;
        Ok(ClassFolder { root: root.to_owned(), _lock: Some(file) })
    }

    /// The folder as it is, to be read.
    ///
    /// # Errors
    /// No class was graded there.
    pub fn look(root: &Path) -> Result<ClassFolder, ClassError> {
        let folder = ClassFolder { root: root.to_owned(), _lock: None };
        match folder.roll().is_file() {
            true => Ok(folder),
            false => Err(ClassError::NotOurs { path: root.to_owned(), what: "it has no class.json".into() }),
        }
    }

    /// The folder as it is, to be read whole: as [`ClassFolder::look`], but no grader works there meanwhile.
    ///
    /// # Errors
    /// No class was graded there, or a grader is at work there.
    pub fn hold(root: &Path) -> Result<ClassFolder, ClassError> {
        let folder = ClassFolder::look(root)?;
        // What came from another machine may be read-only here, and nobody works there then.
        let file = files::open_as(OpenOptions::new().append(true), &lock_file(root)).ok();
        file.as_ref().map_or(Ok(()), |file| lock(file, root))?;
        Ok(ClassFolder { _lock: file, ..folder })
    }

    /// Removes what a run that was killed has left behind.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn sweep(&self) -> Result<(), ClassError> {
        let work = self.work();
        match std::fs::remove_dir_all(&work) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(&work)(error)),
            _ => Ok(()),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// One record for each unit that was graded.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal.jsonl")
    }

    /// Who is in the class and what they handed in, as the last run has read it.
    pub fn roll(&self) -> PathBuf {
        self.root.join("class.json")
    }

    /// From which all seeds come. It is the instructor's.
    pub fn secret(&self) -> PathBuf {
        self.root.join("secret")
    }

    /// What counts of the submissions, by fingerprint.
    pub fn sources(&self, fingerprint: &str) -> PathBuf {
        self.root.join("sources").join(fingerprint)
    }

    /// Evidence of one unit.
    pub fn evidence(&self, learner: &LearnerId, exercise: &str, sitting: u32) -> PathBuf {
        self.root.join("evidence").join(learner.as_str()).join(format!("{exercise}-{sitting}"))
    }

    /// The story of one unit, with everything that a report says.
    pub fn details(&self, learner: &LearnerId, exercise: &str, sitting: u32) -> PathBuf {
        self.root.join("details").join(learner.as_str()).join(format!("{exercise}-{sitting}.json"))
    }

    /// Programs and libraries, while a run goes on. An absolute path: compilers and programs have folders of their own.
    pub fn work(&self) -> PathBuf {
        let work = self.root.join("work");
        std::path::absolute(&work).unwrap_or(work)
    }
}

fn lock_file(root: &Path) -> PathBuf {
    root.join(".lock")
}

fn lock(file: &File, root: &Path) -> Result<(), ClassError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(ClassError::Busy { path: root.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()), // the latter on a file system without locks
    }
}

/// The files of a submission, from our own copy of them.
///
/// # Errors
/// They cannot be read.
pub fn sources_in(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type()?.is_dir() {
                true => folders.push((entry.path(), format!("{path}/"))),
                false => drop(found.insert(path, files::read(&entry.path(), limits::SOURCE_BYTES)?)),
            }
        }
    }
    Ok(found)
}
