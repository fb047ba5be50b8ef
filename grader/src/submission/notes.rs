//! What was seen and has no effect, one line for each kind of it, however often it was seen.

use super::Note;
use std::collections::BTreeMap;

/// Something that is left out of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    BuildScript,
    CargoSettings,
    Toolchain,
    Manifest,
    Link,
    Special,
    OddName,
    Hidden,
    Output,
    NoSource,
    OtherProgram,
    Archive,
    Elsewhere,
}

impl LeftOut {
    /// What a file of this name is, where its name alone says that it does not count; also of a folder's name, and then
    /// of everything in it.
    pub fn by_name(name: &str) -> Option<LeftOut> {
        Some(match name {
            "build.rs" => LeftOut::BuildScript,
            ".cargo" => LeftOut::CargoSettings,
            "rust-toolchain" | "rust-toolchain.toml" | "rustfmt.toml" | "clippy.toml" => LeftOut::Toolchain,
            "Cargo.toml" | "Cargo.lock" => LeftOut::Manifest,
            "target" | "node_modules" | "__pycache__" | "__MACOSX" => LeftOut::Output,
            name if name.starts_with('.') => LeftOut::Hidden,
            _ => return None,
        })
    }

    fn words(self) -> &'static str {
        match self {
            LeftOut::BuildScript => "a build script is never run",
            LeftOut::CargoSettings => "settings of cargo are ignored",
            LeftOut::Toolchain => "a choice of toolchain is ignored: the course's own counts",
            LeftOut::Manifest => "a manifest is ignored: the course's own counts, with its dependencies",
            LeftOut::Link => "a link is not followed",
            LeftOut::Special => "a device, a FIFO or a socket is no source",
            LeftOut::OddName => "a name that is too long, not UTF-8, or has odd characters is not taken",
            LeftOut::Hidden => "a hidden file is ignored",
            LeftOut::Output => "what tools have made is ignored",
            LeftOut::NoSource => "a file of this kind is no source in this language",
            LeftOut::OtherProgram => "another program beside the exercise's is ignored",
            LeftOut::Archive => "an archive within an archive is not opened",
            LeftOut::Elsewhere => "a file outside of the exercises is ignored",
        }
    }
}

/// Notes that grow no longer than there are kinds of them.
#[derive(Debug, Clone, Default)]
pub struct Notes(BTreeMap<LeftOut, (usize, String)>);

impl Notes {
    pub fn add(&mut self, what: LeftOut, place: &str) {
        let (count, _) = self.0.entry(what).or_insert_with(|| (0, place.to_owned()));
        *count += 1;
    }

    /// Is there nothing to note?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One for each kind, with the first place where it was seen.
    pub fn written(&self) -> Vec<Note> {
        let written = self.0.iter().map(|(what, (count, place))| {
            let times = if *count > 1 { format!(", {count} times") } else { String::new() };
            Note { what: format!("{}{times}", what.words()), place: Some(place.clone()) }
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_again_is_counted() {
        let mut notes = Notes::default();
        for at in 0..1_000 {
            notes.add(LeftOut::BuildScript, &format!("{at}/build.rs"));
        }
        notes.add(LeftOut::Link, "src/link.rs");
        let note = |what: &str, place: &str| Note { what: what.to_owned(), place: Some(place.to_owned()) };
        let expected = [
            note("a build script is never run, 1000 times", "0/build.rs"),
            note("a link is not followed", "src/link.rs"),
        ];
        assert_eq!(notes.written(), expected);
    }

    #[test]
    fn names_say_what_does_not_count() {
        assert_eq!(LeftOut::by_name("rust-toolchain.toml"), Some(LeftOut::Toolchain));
        assert_eq!(LeftOut::by_name(".git"), Some(LeftOut::Hidden));
        assert_eq!(LeftOut::by_name("main.rs"), None);
    }
}
