//! What Gradescope gives as “Export Submissions”: folders called `submission_4711`, and beside them
//! `submission_metadata.yml`, which says whose each is.
//!
//! That file is what Ruby writes of a map: `submission_4711: { :submitters: [{ :name:, :sid:, :email: }], :created_at:, … }`,
//! as programs that read such exports know it. It also holds the results and the history of each submission, and so may
//! have tens of MiB; it is read event by event, and only what is needed of it is kept. A group's submission has several
//! submitters, each of whom gets what it comes to.

use super::super::Note;
use super::super::contents::Part;
use super::{Claimed, Export, Who};
use crate::files;
use crate::foreign::visible;
use saphyr_parser::{Event, Parser};
use std::collections::BTreeMap;
use std::path::Path;

const METADATA: [&str; 3] = ["submission_metadata.yml", "submission_metadata.yaml", "submission_metadata.json"];
const LONGEST: u64 = 256 << 20;

/// What the metadata says of one submission.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    submitters: Vec<BTreeMap<String, String>>,
    created_at: Option<jiff::Timestamp>,
}

/// The export, where there is such a file among the entries of `folder`.
pub fn read(folder: &Path, entries: &[Part]) -> Option<Export> {
    let file = METADATA.into_iter().find(|name| entries.iter().any(|part| part.name == *name))?;
    let mut export = Export { platform: Some("Gradescope"), ..Export::default() };
    let text = files::read_text(&folder.join(file), LONGEST).map_err(|error| error.to_string());
    let told = text.and_then(|text| metadata(&text)).unwrap_or_else(|why| {
        export
            .problems
            .push(Note::at(format!("it cannot be read, so nothing tells whose submissions these are: {why}"), file));
        BTreeMap::new()
    });
    for part in entries.iter().filter(|part| part.name != file) {
        let number = part.name.strip_prefix("submission_").unwrap_or(&part.name);
        let told = told.get(&part.name);
        let submitters: &[_] = told.map_or(&[], |told| &told.submitters);
        if submitters.is_empty() && !part.origin.is_dir() {
            export.problems.push(Note::at("nothing of which the metadata tells", &part.name));
            continue;
        }
        if submitters.is_empty() {
            export.problems.push(Note::at("the metadata does not tell whose this is", &part.name));
        }
        let nobody = [BTreeMap::new()];
        for submitter in if submitters.is_empty() { &nobody } else { submitters } {
            let said = |key: &str| submitter.get(key).filter(|text| !text.is_empty()).cloned();
            let mut elsewhere = BTreeMap::from([("gradescope".to_owned(), number.to_owned())]);
            elsewhere.extend(said("sid").map(|sid| ("sid".to_owned(), sid)));
            let login = said("email").and_then(|email| Some(email.split_once('@')?.0.to_owned()));
            let called = said("sid").or(login).or_else(|| said("name")).unwrap_or_else(|| part.name.clone());
            export.claimed.push(Claimed {
                who: Who { called, name: said("name"), email: said("email"), elsewhere },
                parts: vec![part.clone()],
                handed_in: told.and_then(|told| told.created_at),
                notes: Vec::new(),
            });
        }
    }
    Some(export)
}

/// Where the reader is in the file.
enum Level {
    /// In a map, below this key; none where a key comes next.
    Map(Option<String>),
    List,
}

/// Whose each submission is, by the name of its folder.
fn metadata(text: &str) -> Result<BTreeMap<String, Told>, String> {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| visible(&error.to_string()))?;
        match event {
            Event::Scalar(text, ..) => match levels.last_mut() {
                // Ruby's symbols begin with a colon.
                Some(Level::Map(key @ None)) => *key = Some(text.trim_start_matches(':').to_owned()),
                _ => {
                    note(&levels, &text, &mut told);
                    value_ends(&mut levels);
                }
            },
            Event::Alias(_) => value_ends(&mut levels),
            Event::MappingStart(..) => {
                if let [Level::Map(Some(name)), Level::Map(Some(key)), Level::List] = levels.as_slice()
                    && is_submitters(key)
                {
                    told.entry(name.clone()).or_default().submitters.push(BTreeMap::new());
                }
                levels.push(Level::Map(None));
            }
            Event::SequenceStart(..) => levels.push(Level::List),
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                value_ends(&mut levels);
            }
            _ => {}
        }
    }
    Ok(told)
}

fn is_submitters(key: &str) -> bool {
    matches!(key, "submitters" | "users")
}

/// After a value comes a key, or the next value of a list. What was no scalar and stood for a key is none that counts.
fn value_ends(levels: &mut [Level]) {
    if let Some(Level::Map(key)) = levels.last_mut() {
        *key = if key.is_none() { Some(String::new()) } else { None };
    }
}

/// Keeps a value, if it is one that is needed.
fn note(levels: &[Level], text: &str, told: &mut BTreeMap<String, Told>) {
    match levels {
        [Level::Map(Some(name)), Level::Map(Some(key))] if key == "created_at" => {
            told.entry(name.clone()).or_default().created_at = time(text);
        }
        [Level::Map(Some(name)), Level::Map(Some(key)), Level::List, Level::Map(Some(field))] if is_submitters(key) => {
            let kept = matches!(field.as_str(), "name" | "sid" | "email");
            if let Some(submitter) = told.entry(name.clone()).or_default().submitters.last_mut().filter(|_| kept) {
                submitter.insert(field.clone(), text.trim().to_owned());
            }
        }
        _ => {}
    }
}

/// `2026-09-29 06:21:13.474000000 Z`, or the same as RFC 3339 writes it.
fn time(text: &str) -> Option<jiff::Timestamp> {
    text.trim().replacen(' ', "T", 1).replace(' ', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nsubmission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '100'\n    :email: ada@x.org\n  \
        :created_at: 2026-09-29 06:21:13.474000000 Z\n  :score: 7.5\n  :results:\n    tests:\n    - name: 'it: works'\n      \
        output: |\n        :submitters:\n        - :name: Mallory\n  :history:\n  - :id: 1\n    :created_at: 2020-01-01 00:00:00 Z\n\
        submission_2:\n  :submitters:\n  - :name: Grace\n    :sid:\n    :email: grace@x.org\n  - :name: Bob\n    :sid: 7\n";

    #[test]
    fn only_submitters_and_times_are_kept() {
        let told = metadata(TEXT).expect("YAML");
        assert_eq!(told.len(), 2);
        assert_eq!(told["submission_1"].submitters.len(), 1);
        assert_eq!(told["submission_1"].submitters[0]["sid"], "100");
        assert_eq!(told["submission_1"].created_at, "2026-09-29T06:21:13.474Z".parse().ok());
        let names: Vec<&String> = told["submission_2"].submitters.iter().map(|who| &who["name"]).collect();
        assert_eq!(names, ["Grace", "Bob"]);
    }

    #[test]
    fn json_is_read_too_and_what_is_neither_is_said() {
        let json = r#"{"submission_3": {"submitters": [{"name": "Ada", "email": "ada@x.org"}], "created_at": "2026-09-29T06:21:13Z"}}"#;
        let told = metadata(json).expect("JSON");
        assert_eq!(
            (told["submission_3"].submitters[0]["name"].as_str(), told["submission_3"].created_at.is_some()),
            ("Ada", true)
        );
        assert!(metadata("a: [").is_err() && metadata("").expect("nothing").is_empty());
        let deep = "[".repeat(100_000);
        assert!(metadata(&deep).is_err());
    }
}
