//! `submission.toml`, in which a learner says how the program is started:
//!
//! ```toml
//! command = "python3 main.py"
//! ```
//!
//! It looks like a command line and never becomes one: each shape that is allowed names a language and a file.

use super::sources::Language;
use crate::foreign::visible;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    command: Words,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    List(Vec<String>),
}

/// What a program is written in, and the file that it begins with, where that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub language: Language,
    pub entry: Option<String>,
}

/// The command that a `submission.toml` names.
///
/// # Errors
/// It is no such file, or names none of the commands that are allowed. The reason is for the learner.
pub fn parse(bytes: &[u8]) -> Result<Command, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let File { command } = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        format!("it wants one line, such as command = \"python3 main.py\": {}", visible(error.message()))
    })?;
    let words = match command {
        Words::Line(line) => line.split_whitespace().map(str::to_owned).collect(),
        Words::List(words) => words,
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = |language: Language, file: Option<&str>| {
        let entry = file.map(|file| file.strip_prefix("./").unwrap_or(file));
        match entry {
            Some(entry) if !language.has_source(entry) => None,
            entry => Some(Command { language, entry: entry.map(str::to_owned) }),
        }
    };
    let known = match words.as_slice() {
        ["cargo", "run"] => command(Language::Rust, None),
        ["python3" | "python", file] => command(Language::Python, Some(file)),
        ["node", file] => command(Language::Node, Some(file)),
        ["java", file] => command(Language::Java, Some(file)),
        ["go", "run", "."] => command(Language::Go, None),
        ["go", "run", file] => command(Language::Go, Some(file)),
        _ => None,
    };
    known.ok_or_else(|| {
        format!(
            "“{}” is none of the commands that are allowed: python3 FILE.py, node FILE.js, java FILE.java, go run ., cargo run",
            visible(&words.join(" "))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_shapes_are_commands() {
        let told = |command: &str| {
            let Command { language, entry } = parse(format!("command = {command}").as_bytes()).ok()?;
            Some((language, entry))
        };
        let file = |name: &str| Some(name.to_owned());
        assert_eq!(told("\"python3 ./app/main.py\""), Some((Language::Python, file("app/main.py"))));
        assert_eq!(told("[\"node\", \"index.mjs\"]"), Some((Language::Node, file("index.mjs"))));
        assert_eq!(told("\"go run .\""), Some((Language::Go, None)));
        assert_eq!(told("\"java Main.java\""), Some((Language::Java, file("Main.java"))));
        assert_eq!(told("\"cargo run\""), Some((Language::Rust, None)));
        for free in [
            "\"sh -c id\"",
            "\"python3 -c id\"",
            "\"python3 main.py; id\"",
            "\"node --eval x.js\"",
            "\"python3 main.sh\"",
            "\"java -jar a.jar\"",
            "\"go run ./...\"",
            "\"\"",
            "[]",
            "7",
            "[\"python3\", \"-m\", \"a.py\"]",
        ] {
            assert_eq!(told(free), None, "{free}");
        }
        assert!(parse(b"command = \"go run .\"\nenv = 1").is_err() && parse(b"\xff").is_err());
        assert!(parse(b"\xef\xbb\xbfcommand = \"go run .\"\r\n").is_ok());
    }
}
