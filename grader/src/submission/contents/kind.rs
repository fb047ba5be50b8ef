//! What a part of a submission is packed as, and what can lie in it.

use super::super::{Invalid, Unreadable};
use crate::files;
use std::io::Read;
use std::path::Path;

/// What something is that has a name in a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary file, and how long it says it is.
    File {
        bytes: u64,
    },
    Link,
    /// A device, a FIFO, a socket, or what else is no file.
    Special,
}

/// What a part is packed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packed {
    /// A single file that is no archive.
    Plain,
    Folder,
    /// A bare git repository.
    Repository,
    Zip,
    Tar(Compression),
    /// Called an archive, but not of a kind that is read.
    Unknown,
    Empty,
}

/// How a tar archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Why something cannot be listed or read.
#[derive(Debug)]
pub enum Trouble {
    /// It is what was handed in.
    Invalid(Invalid),
    /// It is this machine.
    Unreadable(Unreadable),
}

/// Looks at one thing in a part: its name as it stands there, what it is, and where it is found again.
pub type See<'s> = dyn FnMut(&[u8], Kind, u64) -> Result<(), Invalid> + 's;

/// Takes one thing out of an archive: its name as it stands there, what it is, and its content.
pub type Take<'t> = dyn FnMut(&[u8], Kind, &mut dyn Read) -> Result<(), Trouble> + 't;

impl From<Invalid> for Trouble {
    fn from(invalid: Invalid) -> Trouble {
        Trouble::Invalid(invalid)
    }
}

impl From<Unreadable> for Trouble {
    fn from(unreadable: Unreadable) -> Trouble {
        Trouble::Unreadable(unreadable)
    }
}

impl Packed {
    /// What lies at `origin` and is called `name` is packed as. Of what is called an archive, its first bytes decide.
    ///
    /// # Errors
    /// It is not there any more, or cannot be looked at.
    pub fn found_at(origin: &Path, name: &str) -> Result<Packed, Unreadable> {
        let fault = Unreadable::at(origin);
        let found = std::fs::symlink_metadata(origin).map_err(&fault)?;
        if found.is_dir() {
            return Ok(if is_bare_repository(origin) { Packed::Repository } else { Packed::Folder });
        }
        if !found.is_file() || !Packed::is_archive(name) {
            return Ok(Packed::Plain);
        }
        let mut first = Vec::new();
        files::open(origin).and_then(|file| file.take(HEADER as u64).read_to_end(&mut first)).map_err(&fault)?;
        Ok(match first.as_slice() {
            [] => Packed::Empty,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packed::Zip,
            [0x1f, 0x8b, ..] => Packed::Tar(Compression::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packed::Tar(Compression::Zstd),
            header if header.len() == HEADER && header[MAGIC..].starts_with(b"ustar") => Packed::Tar(Compression::None),
            _ if name.to_ascii_lowercase().ends_with(".tar") => Packed::Tar(Compression::None),
            _ => Packed::Unknown,
        })
    }

    /// Does the name say that it is an archive?
    pub fn is_archive(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().chain(&UNREAD).any(|ending| name.ends_with(ending))
    }

    /// The name without what says how it is packed.
    pub fn stem(name: &str) -> &str {
        let lower = name.to_ascii_lowercase();
        let ending = ENDINGS.iter().chain(&UNREAD).chain(&[".git"]).find(|ending| lower.ends_with(*ending));
        let stem = &name[..name.len() - ending.map_or(0, |ending| ending.len())];
        if stem.is_empty() { name } else { stem }
    }
}

const ENDINGS: [&str; 6] = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"];
/// What is recognised, and not read.
const UNREAD: [&str; 6] = [".rar", ".7z", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"];

/// Is this folder a bare git repository?
fn is_bare_repository(folder: &Path) -> bool {
    let found = |name: &str| std::fs::symlink_metadata(folder.join(name)).ok();
    found("HEAD").is_some_and(|found| found.is_file())
        && ["objects", "refs"].iter().all(|name| found(name).is_some_and(|found| found.is_dir()))
}

/// Bytes of the header of a tar archive, and where its kind stands in it.
const HEADER: usize = 512;
const MAGIC: usize = 257;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_known_by_its_name() {
        assert!(Packed::is_archive("a.ZIP") && Packed::is_archive("b.tar.gz") && !Packed::is_archive("zip"));
        let stems = ["a.b.tar.zst", "a.TGZ", "a.git", "a.rs", ".zip"].map(Packed::stem);
        assert_eq!(stems, ["a.b", "a", "a", "a.rs", ".zip"]);
    }

    #[test]
    fn its_first_bytes_say_what_kind_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let found = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            Packed::found_at(&path, name).unwrap()
        };
        assert_eq!(found("a.zip", b"PK\x03\x04"), Packed::Zip);
        assert_eq!(found("b.zip", b"\x1f\x8b"), Packed::Tar(Compression::Gzip));
        assert_eq!(found("c.zip", b"Rar!"), Packed::Unknown);
        assert_eq!((found("d.zip", b""), found("e.rs", b"PK\x03\x04")), (Packed::Empty, Packed::Plain));
        assert_eq!(Packed::found_at(folder.path(), "f.zip").unwrap(), Packed::Folder);
        assert!(Packed::found_at(&folder.path().join("g.zip"), "g.zip").is_err());
    }
}
