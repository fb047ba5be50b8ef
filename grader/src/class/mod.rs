//! A class: a queue and a journal over `grade`.
//!
//! One exercise of one learner with one seed is a [`unit::Unit`]. What became of it is a [`record::Record`], a line of the
//! class's journal; marks and reports are made of records alone. [`folder::ClassFolder`] says where everything lies.

pub mod conditions;
pub mod finding;
pub mod folder;
pub mod key;
pub mod ledger;
pub mod marks;
pub mod merge;
pub mod plan;
pub mod policy;
mod pulse;
pub mod queue;
pub mod record;
pub mod regrade;
pub mod roll;
pub mod seeds;
pub mod shard;
pub mod similar;
pub mod spec;
pub mod toolchain;
pub mod unit;

use crate::build::BuildError;
use crate::files;
use crate::journal::JournalError;
use crate::run::RunError;
use std::path::{Path, PathBuf};

/// Why a class cannot be graded, or not any further. What was graded so far is kept.
#[derive(Debug, thiserror::Error)]
pub enum ClassError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The course's own crates.
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{}: another grader is at work in this folder", path.display())]
    Busy { path: PathBuf },
    #[error("{}: what is merged and where it goes must be different folders. Name another one with --out.", path.display())]
    Itself { path: PathBuf },
    #[error(
        "{} and {} are not parts of one class: {what}. Merge what was graded alike, or grade the other one again.",
        one.display(), other.display()
    )]
    OtherClass { one: PathBuf, other: PathBuf, what: String },
    #[error(
        "{} is another secret than {}, with which this folder was begun: the seeds would not be the same. Grade into \
         another folder (--out), or leave --secret out.",
        given.display(), path.display()
    )]
    OtherSecret { given: PathBuf, path: PathBuf },
    #[error(
        "{}: it holds no secret of 64 hexadecimal digits. One is made with: grader secret class.secret",
        path.display()
    )]
    NoSecret { path: PathBuf },
    #[error("{}: it is no folder that grader run has made ({what})", path.display())]
    NotOurs { path: PathBuf, what: String },
    #[error(
        "{faults} faults of the grader in a row; the last one: {last}\nWhat was graded is kept. When that is mended, the \
         same command goes on from here."
    )]
    Faults { faults: u32, last: String },
}

impl ClassError {
    /// Is it the machine's fault or ours, and of nothing that was typed?
    pub fn is_ours(&self) -> bool {
        match self {
            ClassError::Io { source, .. } | ClassError::Journal(JournalError::Io { source, .. }) => {
                files::is_full(source)
            }
            ClassError::Build(_) | ClassError::Run(_) | ClassError::Faults { .. } => true,
            _ => false,
        }
    }
}

/// Makes an error of the file system at `path` to one that names the path, the cause and what to do.
pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ClassError {
    let path = path.to_owned();
    move |source| ClassError::Io { path, source }
}
