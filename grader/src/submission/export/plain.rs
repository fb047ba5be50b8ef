//! Folders, archives and files that are called after learners.

use super::super::contents::{Packed, Part};
use super::{Claimed, Export, Who};

pub fn read(entries: Vec<Part>) -> Export {
    let claimed = entries.into_iter().map(|part| {
        let is_source = !part.origin.is_dir() && !Packed::is_archive(&part.name);
        let stem = match part.name.rsplit_once('.') {
            Some((stem, _)) if is_source && !stem.is_empty() => stem,
            _ => Packed::stem(&part.name),
        };
        let who = Who { called: stem.to_owned(), ..Who::default() };
        Claimed { who, parts: vec![part], handed_in: None, notes: Vec::new() }
    });
    Export { claimed: claimed.collect(), ..Export::default() }
}
