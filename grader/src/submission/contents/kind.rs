//! What a part of a submission is packed as, and what can lie in it.

use super::super::{Invalid, Unreadable};
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
    /// What lies at `origin` and is called `name` is packed as.
    ///
    /// # Errors
    /// It is not there any more, or cannot be looked at.
    pub fn found_at(origin: &Path, name: &str) -> Result<Packed, Unreadable> {
        let found = std::fs::symlink_metadata(origin).map_err(Unreadable::at(origin))?;
        let _ = name;
        Ok(match found.is_dir() {
            true => Packed::Folder,
            false => Packed::Plain,
        })
    }

    /// Does the name say that it is an archive?
    pub fn is_archive(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    }

    /// The name without what says how it is packed.
    pub fn stem(name: &str) -> &str {
        let lower = name.to_ascii_lowercase();
        let ending = ENDINGS.iter().chain(&[".git"]).find(|ending| lower.ends_with(*ending));
        let stem = &name[..name.len() - ending.map_or(0, |ending| ending.len())];
        if stem.is_empty() { name } else { stem }
    }
}

const ENDINGS: [&str; 6] = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_known_by_its_name() {
        assert!(Packed::is_archive("a.ZIP") && Packed::is_archive("b.tar.gz") && !Packed::is_archive("zip"));
        let stems = ["a.b.tar.zst", "a.TGZ", "a.git", "a.rs", ".zip"].map(Packed::stem);
        assert_eq!(stems, ["a.b", "a", "a", "a.rs", ".zip"]);
    }
}
