//! Folders, archives and files that are called after learners.

use super::super::Note;
use super::super::contents::{Packed, Part};
use super::super::sources::Language;
use super::{Claimed, Export, Who};

pub fn read(entries: Vec<Part>) -> Export {
    let mut export = Export::default();
    for part in entries {
        let is_source = Language::of_source(&part.name).is_some();
        let is_known = is_source || Packed::is_archive(&part.name);
        let called = match part.name.rsplit_once('.') {
            Some((stem, _)) if is_source => stem,
            _ => Packed::stem(&part.name),
        };
        let problem = match std::fs::symlink_metadata(&part.origin) {
            // What cannot be looked at is told when it is opened.
            Err(_) => None,
            Ok(found) if found.is_symlink() => Some("a link, which is not followed"),
            Ok(found) if found.is_dir() || (found.is_file() && is_known) => None,
            Ok(_) => Some("no submission: neither a folder, nor an archive, nor a source"),
        };
        match problem {
            Some(problem) => export.problems.push(Note::at(problem, &part.name)),
            None => export.claimed.push(Claimed {
                who: Who { called: called.to_owned(), ..Who::default() },
                parts: vec![part],
                handed_in: None,
                notes: Vec::new(),
            }),
        }
    }
    export
}
