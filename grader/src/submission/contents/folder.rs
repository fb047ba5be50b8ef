//! A folder that was handed in.

use super::super::{Invalid, Unreadable, notes::LeftOut};
use super::file::told;
use super::kind::{Kind, See, Trouble};
use crate::{files, limits};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Sees everything below `origin`. Folders of whose names it is known that nothing in them counts are seen as one thing
/// and not looked into.
pub fn list(origin: &Path, see: &mut See<'_>) -> Result<(), Trouble> {
    let mut folders = vec![origin.to_owned()];
    let mut looked_into = 0;
    while let Some(folder) = folders.pop() {
        looked_into += 1;
        if looked_into > limits::SUBMITTED_ENTRIES {
            return Err(Invalid::new(format!("more than {} folders", limits::SUBMITTED_ENTRIES)).into());
        }
        let fault = Unreadable::at(&folder);
        for entry in std::fs::read_dir(&folder).map_err(&fault)? {
            let entry = entry.map_err(&fault)?;
            let path = entry.path();
            let found = std::fs::symlink_metadata(&path).map_err(Unreadable::at(&path))?;
            let below = path.strip_prefix(origin).unwrap_or(&path).as_os_str().as_bytes();
            let kind = match (found.is_dir(), found.is_file(), found.is_symlink()) {
                (true, ..) if entry.file_name().to_str().is_some_and(|name| LeftOut::by_name(name).is_none()) => {
                    folders.push(path);
                    continue;
                }
                (_, true, _) => Kind::File { bytes: found.len() },
                (.., true) => Kind::Link,
                _ => Kind::Special,
            };
            see(below, kind, 0)?;
        }
    }
    Ok(())
}

/// The bytes of the file at `inner` in `origin`. No part of the way there may be a link.
pub fn read(origin: &Path, inner: &str) -> Result<Vec<u8>, Trouble> {
    files::read_below(origin, inner, limits::SOURCE_BYTES).map_err(|error| told(&origin.join(inner), error))
}
