//! What learning platforms let instructors download, and whose each part of it is.
//!
//! Each platform is a file that knows its names; what they all come to is [`Claimed`].

mod canvas;
mod gradescope;
mod moodle;
mod plain;

use super::contents::Part;
use super::{Note, Unreadable};
use std::collections::BTreeMap;
use std::path::Path;

/// What somebody has handed in, as an export tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub who: Who,
    pub parts: Vec<Part>,
    pub handed_in: Option<jiff::Timestamp>,
    pub notes: Vec<Note>,
}

/// What is known of a learner before a roster was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// What to call them where no roster names them. The same for all that one learner has handed in.
    pub called: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// As in [`super::Learner::elsewhere`].
    pub elsewhere: BTreeMap<String, String>,
}

/// A folder of submissions, understood.
#[derive(Debug, Default)]
pub struct Export {
    /// What has written it: "Canvas". None where it is just folders and archives.
    pub platform: Option<&'static str>,
    pub claimed: Vec<Claimed>,
    /// What in it belongs to nobody.
    pub problems: Vec<Note>,
    /// What else the instructor should know of it.
    pub remarks: Vec<Note>,
}

impl Export {
    /// One submission, and nothing else.
    pub fn submission(part: Part) -> Export {
        plain::read(vec![part])
    }

    /// Everything that somebody has handed in.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.claimed.iter().flat_map(|claimed| &claimed.parts)
    }
}

/// What lies in `folder`, as what it looks like.
///
/// # Errors
/// The folder cannot be read.
pub fn recognise(folder: &Path) -> Result<Export, Unreadable> {
    let entries = entries(folder)?;
    let all = entries.len();
    if let Some(export) = gradescope::read(folder, &entries) {
        return Ok(export);
    }
    for read in [moodle::read, canvas::read] {
        let export = read(&entries);
        // Somebody may have put a file of their own beside them.
        if export.problems.len() * 2 < all && !export.claimed.is_empty() {
            return Ok(export);
        }
    }
    Ok(plain::read(entries))
}

/// What lies in a folder and is not hidden, by name.
fn entries(folder: &Path) -> Result<Vec<Part>, Unreadable> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Unreadable::at(folder))? {
        let entry = entry.map_err(Unreadable::at(folder))?;
        let name = entry.file_name();
        // Two names that are no text stay two names.
        let name = name.to_str().map_or_else(|| name.as_encoded_bytes().escape_ascii().to_string(), str::to_owned);
        if !name.starts_with('.') && name != "__MACOSX" {
            entries.push(Part { origin: entry.path(), name });
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.origin.cmp(&b.origin)));
    Ok(entries)
}

/// `text` as a part of an id: what no id can have becomes `-`.
fn slug(text: &str) -> String {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
