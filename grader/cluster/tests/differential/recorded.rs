//! What Apache Kafka has answered, in files: so that the cluster is held against it where no Kafka is.
//!
//! A file for each of `scripts/`, an answer in a line: the line of the script, the request, and what the answer said. What
//! is zero, empty or null is left out, and what the script says differs.

use std::path::{Path, PathBuf};

use crate::play::Played;
use crate::report::without_known;
use crate::script::Script;

/// Left out: most of an answer is nothing.
const NOTHING: [&str; 6] = ["0", "-1", "null", "[]", "false", "\"\""];

/// The first line of a file.
const HEAD: &str = "# Written by `RECORD=1`, see main.rs. Answers of Apache Kafka 4.4.0, in the newest versions.";

/// The file for this file of scripts.
pub fn path(scripts: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/recorded").join(scripts)
}

/// A script's answers as text.
pub fn text(script: &Script, played: &[Played]) -> String {
    let mut text = format!("== {}\n", script.name);
    for Played { line, request, answer } in played {
        let answer = without_known(script, *line, answer);
        let told = answer.iter().filter(|(_, value)| !NOTHING.contains(&value.as_str()));
        let told: Vec<String> = told.map(|(place, value)| format!("{place}={value}")).collect();
        // Lines of a script move when another one is written above it.
        let line = line - script.statements.first().map_or(0, |first| first.line);
        text += &format!("{line} {request}: {}", told.join("; "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Writes a file of recorded answers.
pub fn write(scripts: &str, texts: &[String]) {
    let path = path(scripts);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, format!("{HEAD}\n\n{}", texts.join("\n"))).expect("a file");
}

/// The recorded answers of a script.
pub fn read(scripts: &str, script: &Script) -> Option<String> {
    let text = std::fs::read_to_string(path(scripts)).ok()?;
    let head = format!("== {}\n", script.name);
    let found = text.split("\n\n").find(|part| part.starts_with(&head))?;
    Some(format!("{}\n", found.trim_end()))
}
