//! What lies in a submission, whatever it was packed as: listed first, by name and size, and read only where it counts.
//!
//! Nothing is unpacked to the disk, and no link is followed.

mod bounded;
mod file;
mod folder;
mod kind;
mod repository;
mod tar_file;
mod unpack;
mod zip_file;

pub use kind::{Kind, Packed, Trouble};
pub use unpack::unpack;

use super::notes::{LeftOut, Notes};
use super::path::{self, Unfit};
use super::{Invalid, Unreadable};
use crate::limits;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file, folder or archive that a submission consists of. Mostly there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it is.
    pub origin: PathBuf,
    /// What the learner has called it: `main.rs`, `ex1.zip`.
    pub name: String,
}

/// Something with a name in a submission. Folders are known by what lies in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Within the submission, of harmless names only.
    pub path: String,
    pub kind: Kind,
    mount: usize,
    /// Where the mount finds it again.
    at: u64,
}

/// The listed contents of a submission.
#[derive(Debug, Default)]
pub struct Contents {
    /// By path.
    pub items: Vec<Item>,
    pub notes: Notes,
    /// Why nothing of a part could be listed.
    pub broken: Option<Invalid>,
    mounts: Vec<Mount>,
}

/// A part, or an archive that lies in a part, and the folder of the submission at which its contents stand.
#[derive(Debug)]
struct Mount {
    packed: Packed,
    origin: PathBuf,
    folder: String,
}

impl Contents {
    /// Lists what lies in `parts`. An archive that lies in a folder is looked into, as a folder of its name; so several
    /// parts do not get in each other's way.
    ///
    /// # Errors
    /// Something cannot be read on this machine, which is nobody's fault who has handed in.
    pub fn list(parts: &[Part]) -> Result<Contents, Unreadable> {
        let mut contents = Contents::default();
        for part in parts {
            let packed = Packed::found_at(&part.origin, &part.name)?;
            let folder = match (parts.len(), packed) {
                (1, _) | (_, Packed::Plain) => String::new(),
                _ => Packed::stem(&part.name).to_owned(),
            };
            contents.mount(packed, part.origin.clone(), folder, &part.name)?;
        }
        for archive in contents.take_archives() {
            let mount = &contents.mounts[archive.mount];
            let inner = path::below(&archive.path, &mount.folder).unwrap_or(&archive.path);
            let origin = mount.origin.join(inner);
            let packed = Packed::found_at(&origin, &archive.path)?;
            contents.mount(packed, origin, Packed::stem(&archive.path).to_owned(), &archive.path)?;
        }
        contents.items.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(contents)
    }

    /// Takes archives out of the items. Those that lie in a folder are returned, to be looked into; others are noted.
    fn take_archives(&mut self) -> Vec<Item> {
        let is_archive = |item: &Item| matches!(item.kind, Kind::File { .. }) && Packed::is_archive(&item.path);
        let (mut archives, items): (Vec<Item>, _) = std::mem::take(&mut self.items).into_iter().partition(is_archive);
        self.items = items;
        // Whatever order the file system lists them in.
        archives.sort_by(|a, b| a.path.cmp(&b.path));
        let mut looked_into = Vec::new();
        for archive in archives {
            let beside = path::above(&archive.path).count() < 2 && self.mounts[archive.mount].packed == Packed::Folder;
            match beside && looked_into.len() < limits::SUBMITTED_ARCHIVES {
                true => looked_into.push(archive),
                false => self.notes.add(LeftOut::Archive, &archive.path),
            }
        }
        looked_into
    }

    /// Lists one more part. Where its contents are not what they should be, that is kept as the reason, and nothing of
    /// them counts.
    fn mount(&mut self, packed: Packed, origin: PathBuf, folder: String, name: &str) -> Result<(), Unreadable> {
        let (mount, before) = (self.mounts.len(), self.items.len());
        let (items, notes) = (&mut self.items, &mut self.notes);
        let mut see = |raw: &[u8], kind: Kind, at: u64| {
            if items.len() >= limits::SUBMITTED_ENTRIES {
                return Err(Invalid::new(format!("more than {} files", limits::SUBMITTED_ENTRIES)));
            }
            let inner = match path::harmless(raw) {
                Ok(inner) => inner,
                Err(Unfit::LeadsOut { shown }) => return Err(Invalid::at("a path that leads out of it", shown)),
                Err(Unfit::Odd { shown }) => {
                    notes.add(LeftOut::OddName, &shown);
                    return Ok(());
                }
            };
            let path = path::join(&folder, &inner);
            if let Some(what) = inner.split('/').find_map(LeftOut::by_name) {
                notes.add(what, &path);
            } else if !inner.is_empty() {
                items.push(Item { path, kind, mount, at });
            }
            Ok(())
        };
        let listed = match packed {
            Packed::Plain => file::list(&origin, name, &mut see),
            Packed::Folder => folder::list(&origin, &mut see),
            Packed::Repository => repository::list(&origin, &mut see),
            Packed::Zip => zip_file::list(&origin, &mut see),
            Packed::Tar(compression) => tar_file::list(&origin, compression, &mut see),
            Packed::Unknown => Err(Invalid::new("no archive that is read: zip, tar, tar.gz and tar.zst are").into()),
            Packed::Empty => Err(Invalid::new("an empty file").into()),
        };
        match listed {
            Ok(()) => {}
            Err(Trouble::Unreadable(unreadable)) => return Err(unreadable),
            Err(Trouble::Invalid(invalid)) => {
                self.items.truncate(before);
                self.broken.get_or_insert(invalid.within(&folder));
            }
        }
        self.mounts.push(Mount { packed, origin, folder });
        Ok(())
    }

    /// Reads those of the items whose numbers are given, each of at most [`limits::SOURCE_BYTES`]. One that is damaged
    /// comes with the reason.
    ///
    /// # Errors
    /// Something cannot be read on this machine.
    pub fn read(&self, wanted: &[usize]) -> Result<BTreeMap<usize, Result<Vec<u8>, Invalid>>, Unreadable> {
        let mut read = BTreeMap::new();
        for (number, mount) in self.mounts.iter().enumerate() {
            let here: Vec<usize> = wanted.iter().copied().filter(|item| self.items[*item].mount == number).collect();
            if here.is_empty() {
                continue;
            }
            let at: Vec<u64> = here.iter().map(|item| self.items[*item].at).collect();
            let inner = |item: usize| path::below(&self.items[item].path, &mount.folder).unwrap_or_default();
            let bytes = match mount.packed {
                Packed::Plain => Ok(vec![file::read(&mount.origin)]),
                Packed::Folder => Ok(here.iter().map(|item| folder::read(&mount.origin, inner(*item))).collect()),
                Packed::Repository => {
                    repository::read(&mount.origin, &here.iter().map(|item| inner(*item)).collect::<Vec<_>>())
                }
                Packed::Zip => zip_file::read(&mount.origin, &at),
                Packed::Tar(compression) => tar_file::read(&mount.origin, compression, &at),
                Packed::Unknown | Packed::Empty => Ok(Vec::new()),
            };
            match bytes {
                Ok(bytes) => read.extend(here.into_iter().zip(bytes)),
                Err(Trouble::Unreadable(unreadable)) => return Err(unreadable),
                Err(Trouble::Invalid(invalid)) => {
                    read.extend(here.into_iter().map(|item| (item, Err(invalid.clone().into()))));
                }
            }
        }
        read.into_iter().map(|(item, bytes)| Ok((item, self.sorted_out(item, bytes)?))).collect()
    }

    /// When it was made, where that is all that tells when it was handed in: the time of a repository's last commit, which
    /// the machine of its author has set.
    pub fn time(&self) -> Option<jiff::Timestamp> {
        let mut repositories = self.mounts.iter().filter(|mount| mount.packed == Packed::Repository);
        repositories.find_map(|mount| repository::time(&mount.origin))
    }

    fn sorted_out(&self, item: usize, bytes: Result<Vec<u8>, Trouble>) -> Result<Result<Vec<u8>, Invalid>, Unreadable> {
        match bytes {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(Trouble::Invalid(invalid)) => {
                Ok(Err(Invalid { place: Some(self.items[item].path.clone()), ..invalid }))
            }
            Err(Trouble::Unreadable(unreadable)) => Err(unreadable),
        }
    }
}
