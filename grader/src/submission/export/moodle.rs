//! What Moodle gives as “Download all submissions”: folders called `Ada Lovelace_4711_assignsubmission_file`, or files
//! whose names begin so.
//!
//! As `mod/assign/classes/downloader.php` of Moodle writes it: the full name (or the word for a participant where names are
//! hidden, or a group's name), the participant's number, `assignsubmission` and the kind of submission. Moodle up to
//! version 3 put a `_` at the end of a folder's name. What was typed in is of the kind `onlinetext`.

use super::super::Note;
use super::super::contents::Part;
use super::{Claimed, Export, Who, slug};
use std::collections::BTreeMap;

const MARK: &str = "_assignsubmission_";

pub fn read(entries: &[Part]) -> Export {
    let mut export = Export { platform: Some("Moodle"), ..Export::default() };
    let mut learners: BTreeMap<&str, Claimed> = BTreeMap::new();
    for part in entries {
        let Some((prefix, rest)) = part.name.rsplit_once(MARK) else {
            export.problems.push(Note::at("nothing that Moodle exports", &part.name));
            continue;
        };
        let claimed = learners.entry(prefix).or_insert_with(|| claimed(prefix));
        match rest.strip_prefix("file") {
            // The folder itself: its own name says nothing.
            Some("" | "_") => claimed.parts.push(Part { origin: part.origin.clone(), name: prefix.to_owned() }),
            Some(file) if file.starts_with('_') => {
                claimed.parts.push(Part { origin: part.origin.clone(), name: file[1..].to_owned() });
            }
            _ => claimed.notes.push(Note::at("what was typed in is not graded", &part.name)),
        }
    }
    export.claimed = learners.into_values().collect();
    export
}

fn claimed(prefix: &str) -> Claimed {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = prefix.rsplit_once('_').filter(|(_, number)| is_number(number));
    let (name, number) = numbered.map_or((prefix, None), |(name, number)| (name, Some(number)));
    let who = Who {
        called: number.map_or_else(|| name.to_owned(), |number| format!("{}_{number}", slug(name))),
        name: Some(name.to_owned()),
        email: None,
        elsewhere: number.map(|number| ("moodle".to_owned(), number.to_owned())).into_iter().collect(),
    };
    Claimed { who, parts: Vec::new(), handed_in: None, notes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_told_apart_by_their_prefix() {
        let part = |name: &str| Part { origin: name.into(), name: name.to_owned() };
        let names = [
            "Ada Lovelace_47_assignsubmission_file_",
            "Ada Lovelace_47_assignsubmission_onlinetext_",
            "Grace Hopper_48_assignsubmission_file_main.rs",
            "Grace Hopper_48_assignsubmission_file_help_me.rs",
            "Zoë_49_assignsubmission_file",
            "The default group_assignsubmission_file_",
            "notes.txt",
        ];
        let export = read(&names.map(part));
        let told = |claimed: &Claimed| {
            let parts: Vec<&str> = claimed.parts.iter().map(|part| part.name.as_str()).collect();
            (claimed.who.called.clone(), claimed.who.elsewhere.get("moodle").cloned(), parts.join(" "))
        };
        let told: Vec<_> = export.claimed.iter().map(told).collect();
        let number = |number: &str| Some(number.to_owned());
        let expected = [
            ("Ada-Lovelace_47".to_owned(), number("47"), "Ada Lovelace_47".to_owned()),
            ("Grace-Hopper_48".to_owned(), number("48"), "main.rs help_me.rs".to_owned()),
            ("The default group".to_owned(), None, "The default group".to_owned()),
            ("Zo_49".to_owned(), number("49"), "Zoë_49".to_owned()),
        ];
        assert_eq!(told, expected);
        assert_eq!(export.claimed[0].notes.len(), 1);
        assert_eq!(export.problems, [Note::at("nothing that Moodle exports", "notes.txt")]);
    }
}
