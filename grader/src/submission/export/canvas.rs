//! What Canvas gives as “Download Submissions”: files called `lovelaceada_LATE_4711_90210_ex1.zip`.
//!
//! As `lib/content_zipper.rb` of canvas-lms writes it: the name by which learners are sorted, in small letters and without
//! anything that is no part of a word; `LATE` where it was late; the learner's number; the number of the attachment; what
//! the learner had called it. Where names are hidden, `anon_` and a word stand for name and number. What was typed in
//! ends in `_text.html`, a link in `_link.html`. Canvas adds `-1` to the name of a file that was handed in again.
//! Numbers of attachments grow, so of two files of one name the one with the higher number is the later.

use super::super::Note;
use super::super::contents::{Packed, Part};
use super::{Claimed, Export, Who};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A file's name, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Named<'n> {
    name: String,
    late: bool,
    learner: &'n str,
    attachment: u64,
    /// What the learner has called it.
    file: &'n str,
}

pub fn read(entries: &[Part]) -> Export {
    let mut export = Export { platform: Some("Canvas"), ..Export::default() };
    let mut learners: BTreeMap<String, Vec<(Named<'_>, &Part)>> = BTreeMap::new();
    for part in entries {
        match named(&part.name) {
            Some(named) => learners.entry(named.learner.to_owned()).or_default().push((named, part)),
            None => export.problems.push(Note::at("no file of a Canvas export", &part.name)),
        }
    }
    let is_late = |files: &&Vec<(Named<'_>, &Part)>| files.iter().any(|(named, _)| named.late);
    let late = learners.values().filter(is_late).count();
    if late > 0 {
        let what =
            "marked as late by Canvas, whose export does not tell by how much, so no points are taken off for it";
        export.remarks.push(Note::new(format!("{what}: {late} of the learners")));
    }
    export.claimed = learners.into_values().map(claimed).collect();
    export
}

/// All files of one learner.
fn claimed(mut files: Vec<(Named<'_>, &Part)>) -> Claimed {
    files.sort_by_key(|(named, _)| named.attachment);
    let mut notes = Vec::new();
    let mut latest: BTreeMap<String, (&Named<'_>, &Part)> = BTreeMap::new();
    for (named, part) in &files {
        match latest.entry(without_attempt(named.file)) {
            Entry::Vacant(place) => drop(place.insert((named, part))),
            Entry::Occupied(mut place) => {
                let (_, earlier) = place.insert((named, part));
                notes.push(Note::at("an earlier file of this name is left aside", &earlier.name));
            }
        }
    }
    let (first, _) = &files[0];
    if files.iter().any(|(named, _)| named.late) {
        notes.push(Note::new("Canvas marks it as late, and does not tell when it was handed in"));
    }
    let anonymous = first.name.is_empty();
    let name = (!anonymous).then(|| first.name.clone());
    let platform = if anonymous { "canvas_anonymous" } else { "canvas" };
    let who = Who {
        called: if anonymous { format!("anon_{}", first.learner) } else { format!("{}_{}", first.name, first.learner) },
        name,
        email: None,
        elsewhere: BTreeMap::from([(platform.to_owned(), first.learner.to_owned())]),
    };
    let parts = latest.into_values();
    let parts = parts.map(|(named, part)| Part { origin: part.origin.clone(), name: without_attempt(named.file) });
    let parts = parts.collect();
    Claimed { who, parts, handed_in: None, notes }
}

fn named(name: &str) -> Option<Named<'_>> {
    let (mut before, mut late) = (Vec::new(), false);
    let mut rest = name;
    while let Some((part, after)) = rest.split_once('_') {
        rest = after;
        if part == "LATE" {
            late = true;
            continue;
        }
        let (learner, after) = match part {
            "anon" if before.is_empty() => after.split_once('_')?,
            part if is_number(part) => (part, after),
            part => {
                before.push(part);
                continue;
            }
        };
        let named = |attachment, file| Named { name: before.join("_"), late, learner, attachment, file };
        match after.split_once('_') {
            Some((attachment, file)) if is_number(attachment) && !file.is_empty() => {
                return Some(named(attachment.parse().ok()?, file));
            }
            None if matches!(after, "text.html" | "link.html") => return Some(named(0, after)),
            _ => before.push(part),
        }
    }
    None
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `main.rs` of `main-1.rs`.
fn without_attempt(file: &str) -> String {
    let bare = match Packed::is_archive(file) {
        true => Packed::stem(file),
        false => file.rsplit_once('.').map_or(file, |(stem, _)| stem),
    };
    let ending = &file[bare.len()..];
    let stem = bare.rsplit_once('-').filter(|(_, number)| is_number(number)).map_or(bare, |(stem, _)| stem);
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let told = |name: &'static str| {
            let Named { name, late, learner, attachment, file } = named(name)?;
            Some((name, late, learner, attachment, file))
        };
        assert_eq!(told("lovelaceada_47_90_my_main.rs"), Some(("lovelaceada".into(), false, "47", 90, "my_main.rs")));
        assert_eq!(told("hopper_g_LATE_47_90_a.zip"), Some(("hopper_g".into(), true, "47", 90, "a.zip")));
        assert_eq!(told("anon_aB3dE_90_main.rs"), Some((String::new(), false, "aB3dE", 90, "main.rs")));
        assert_eq!(told("LATE_anon_aB3dE_90_main.rs"), Some((String::new(), true, "aB3dE", 90, "main.rs")));
        assert_eq!(told("lovelaceada_47_text.html"), Some(("lovelaceada".into(), false, "47", 0, "text.html")));
        for none in ["ada", "ada.zip", "ada_47_main.rs", "ada_47_90", "ada_47_90_", "", "_", "anon", "grades_2026.csv"]
        {
            assert_eq!(told(none), None, "{none}");
        }
    }

    #[test]
    fn of_two_attempts_the_later_counts() {
        let part = |name: &str| Part { origin: name.into(), name: name.to_owned() };
        let names =
            ["ada_1_20_main-1.rs", "ada_1_10_main.rs", "ada_1_11_help.rs", "bob_LATE_2_9_ex1.tar.gz", "notes.txt"];
        let export = read(&names.map(part));
        let [ada, bob] = export.claimed.as_slice() else { panic!("{export:#?}") };
        let origins: Vec<_> = ada.parts.iter().map(|part| part.origin.to_str().unwrap()).collect();
        assert_eq!(origins, ["ada_1_11_help.rs", "ada_1_20_main-1.rs"]);
        assert_eq!(ada.notes, [Note::at("an earlier file of this name is left aside", "ada_1_10_main.rs")]);
        assert_eq!((ada.who.called.as_str(), &ada.who.elsewhere["canvas"]), ("ada_1", &"1".to_owned()));
        assert_eq!((bob.notes.len(), bob.parts[0].name.as_str()), (1, "ex1.tar.gz"));
        assert_eq!(export.problems, [Note::at("no file of a Canvas export", "notes.txt")]);
    }
}
