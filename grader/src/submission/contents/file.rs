//! A single file that was handed in.

use super::super::{Invalid, Unreadable};
use super::kind::{Kind, See, Trouble};
use crate::{files, limits};
use std::io::ErrorKind;
use std::path::Path;

/// Sees the file at `origin`, which is called `name`.
pub fn list(origin: &Path, name: &str, see: &mut See<'_>) -> Result<(), Trouble> {
    let found = std::fs::symlink_metadata(origin).map_err(Unreadable::at(origin))?;
    let kind = match (found.is_file(), found.is_symlink()) {
        (true, _) => Kind::File { bytes: found.len() },
        (_, true) => Kind::Link,
        _ => Kind::Special,
    };
    Ok(see(name.as_bytes(), kind, 0)?)
}

pub fn read(origin: &Path) -> Result<Vec<u8>, Trouble> {
    files::read(origin, limits::SOURCE_BYTES).map_err(|error| told(origin, error))
}

/// An error of the file system, as the learner's doing or as nobody's.
pub fn told(path: &Path, error: std::io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::FileTooLarge => Invalid::new(error.to_string()).into(),
        _ => Unreadable::at(path)(error).into(),
    }
}
