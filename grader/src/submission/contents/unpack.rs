//! An archive that holds a whole class, unpacked into a folder of ours. Archives and folders of learners in it stay what
//! they are.

use super::super::notes::LeftOut;
use super::super::path::{self, Unfit};
use super::super::{Invalid, Note};
use super::bounded::{self, TooMuch};
use super::kind::{Kind, Packed, Trouble};
use super::{tar_file, zip_file};
use crate::{files, limits};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::Path;

/// More than so many are not named one by one.
const MOST_NOTED: usize = 20;

/// What goes wrong with single files while an archive is unpacked.
struct Unpacking<'f> {
    into: &'f Path,
    files: usize,
    bytes: u64,
    notes: Vec<Note>,
    unnoted: usize,
}

/// Unpacks the archive at `origin` into the empty folder `into`. What cannot be taken out of it, such as a link, is left
/// out and noted.
///
/// # Errors
/// It is no archive, damaged, or too large; or the disk is full.
pub fn unpack(origin: &Path, packed: Packed, into: &Path) -> Result<Vec<Note>, Trouble> {
    let mut unpacking = Unpacking { into, files: 0, bytes: 0, notes: Vec::new(), unnoted: 0 };
    let mut each = |name: &[u8], kind: Kind, content: &mut dyn Read| unpacking.take(origin, name, kind, content);
    match packed {
        Packed::Zip => zip_file::unpack(origin, &mut each)?,
        Packed::Tar(compression) => tar_file::unpack(origin, compression, &mut each)?,
        _ => return Err(Invalid::new("no archive that is read: zip, tar, tar.gz and tar.zst are").into()),
    }
    if unpacking.unnoted > 0 {
        unpacking.notes.push(Note::new(format!("{} more things in the archive are left out", unpacking.unnoted)));
    }
    Ok(unpacking.notes)
}

impl Unpacking<'_> {
    fn take(&mut self, origin: &Path, name: &[u8], kind: Kind, content: &mut dyn Read) -> Result<(), Trouble> {
        self.files += 1;
        if self.files > limits::CLASS_ENTRIES {
            return Err(Invalid::new(format!("more than {} files", limits::CLASS_ENTRIES)).into());
        }
        let inner = match path::harmless(name) {
            Ok(inner) if !inner.is_empty() => inner,
            Ok(_) => return Ok(()),
            Err(Unfit::LeadsOut { shown }) => {
                return self.note("a path that leads out of the archive is left out", &shown);
            }
            Err(Unfit::Odd { shown }) => return self.note("a file with an odd name is left out", &shown),
        };
        // What is never looked into takes no room.
        if inner.split('/').any(|part| part == ".git" || LeftOut::by_name(part) == Some(LeftOut::Output)) {
            return Ok(());
        }
        match kind {
            Kind::File { .. } => {}
            Kind::Link => return self.note("a link in the archive is left out", &inner),
            Kind::Special => return self.note("what is no file in the archive is left out", &inner),
        }
        let path = self.into.join(&inner);
        let opened = std::fs::create_dir_all(path.parent().unwrap_or(self.into))
            .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path));
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if clashes(&error) => {
                return self.note("two things of this name are in the archive; the first one counts", &inner);
            }
            Err(error) => return Err(bounded::told(&path, error)),
        };
        let left = limits::CLASS_BYTES - self.bytes;
        let mut buffer = [0; 64 << 10];
        let mut content = content.take(left + 1);
        loop {
            // An error in reading is the archive's, one in writing the disk's.
            match content.read(&mut buffer).map_err(|error| bounded::told(origin, error))? {
                0 => return Ok(()),
                read => {
                    self.bytes += read as u64;
                    file.write_all(&buffer[..read]).map_err(|error| bounded::told(&path, error))?;
                }
            }
            if self.bytes > limits::CLASS_BYTES {
                let most = files::size(limits::CLASS_BYTES);
                return Err(bounded::told(origin, TooMuch::told(format!("it unpacks to more than {most}"))));
            }
        }
    }

    fn note(&mut self, what: &str, place: &str) -> Result<(), Trouble> {
        match self.notes.len() < MOST_NOTED {
            true => self.notes.push(Note::at(what, place)),
            false => self.unnoted += 1,
        }
        Ok(())
    }
}

/// Is there something of this name, or a file where a folder would have to be?
fn clashes(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory)
}
