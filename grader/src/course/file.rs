//! A file of the course: its text, the data in it, and errors at their line and column.

use crate::files;
use crate::foreign::is_hidden;
use crate::limits::COURSE_FILE_BYTES;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

#[derive(Debug, thiserror::Error)]
pub enum CourseError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Read { path: PathBuf, source: std::io::Error },
    /// The text is the TOML reader's, with line, column and the line itself.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Toml { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{}:{line}:{column}: {message}", path.display())]
    Contradiction { path: PathBuf, line: usize, column: usize, message: String },
}

/// What a word that we do not know may also mean, after `git pull` say.
const OLDER: &str = "\nIf you did not write this: your kafkacourse may be older than the course.\n\
                     In the course's folder: cargo install --locked --path grader";

/// Characters of what the TOML reader says.
const LONGEST_MESSAGE: usize = 1_000;

pub(super) struct File {
    pub path: PathBuf,
    pub text: String,
}

/// All that stands in a file, each thing with its place.
pub(super) type Tree<'f> = Spanned<DeValue<'f>>;

impl File {
    pub(super) fn read(path: PathBuf) -> Result<File, CourseError> {
        let bytes =
            files::read(&path, COURSE_FILE_BYTES).map_err(|source| CourseError::Read { path: path.clone(), source })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(File { path, text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Err(File { path, text }.not_toml(at, "this is not UTF-8 text".into()))
            }
        }
    }

    /// The data in the file, and where in it each thing stands. Parsed once for both: a command reads the whole course
    /// before it does anything.
    pub(super) fn data<'f, T: Deserialize<'f>>(&'f self) -> Result<(T, Tree<'f>), CourseError> {
        self.data_before(self.text.len())
    }

    /// The data that stands before the byte `end`, and where.
    pub(super) fn data_before<'f, T: Deserialize<'f>>(&'f self, end: usize) -> Result<(T, Tree<'f>), CourseError> {
        let data = DeTable::parse(&self.text[..end])
            .and_then(|table| Ok((T::deserialize(Deserializer::from(table.clone()))?, table)));
        match data {
            Ok((data, table)) => {
                let tree = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
                match hidden(&tree) {
                    Some((at, c)) => {
                        Err(self.wrong_at(at, format!("this text has a hidden character, U+{:04X}", u32::from(c))))
                    }
                    None => Ok((data, tree)),
                }
            }
            Err(error) => {
                // A key may be as long as the file.
                let mut message: String = error.message().chars().take(LONGEST_MESSAGE).collect();
                if message.starts_with("unknown ") {
                    message.push_str(OLDER);
                }
                Err(self.not_toml(error.span().map_or(0, |span| span.start), message))
            }
        }
    }

    /// The name of the folder that the file lies in.
    pub(super) fn folder(&self) -> String {
        self.path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    }

    fn not_toml(&self, at: usize, message: String) -> CourseError {
        let (line, column) = place(&self.text, at);
        CourseError::Toml { path: self.path.clone(), line, column, message }
    }

    /// An error at the byte `at`.
    pub(super) fn wrong_at(&self, at: usize, message: String) -> CourseError {
        let (line, column) = place(&self.text, at);
        CourseError::Contradiction { path: self.path.clone(), line, column, message }
    }

    /// An error at `word`, the first behind `behind` where that is somewhere: in quotes, else bare.
    pub(super) fn wrong(&self, (behind, word): (&str, &str), message: String) -> CourseError {
        let from = self.text.find(behind).unwrap_or(0);
        let rest = &self.text[from..];
        let quoted = rest.find(&format!("\"{word}\"")).map(|at| at + 1);
        self.wrong_at(quoted.or_else(|| rest.find(word)).map_or(from, |at| from + at), message)
    }

    /// An error at the second of two things with this id.
    pub(super) fn twice(&self, id: &str) -> CourseError {
        self.wrong_at(self.text.rfind(&self::id(id)).unwrap_or(0), format!("two things are called “{id}”"))
    }
}

/// The first text that holds a hidden character: where it begins, and the character. Lines and tabs are none.
fn hidden(tree: &Tree<'_>) -> Option<(usize, char)> {
    match tree.get_ref() {
        // Nearly every text, and each command looks at all of them.
        DeValue::String(text) if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')) => None,
        DeValue::String(text) => {
            let c = text.chars().find(|c| !matches!(c, '\n' | '\r' | '\t') && is_hidden(*c))?;
            Some((tree.span().start, c))
        }
        DeValue::Array(items) => items.iter().find_map(hidden),
        DeValue::Table(fields) => fields.iter().find_map(|(_, value)| hidden(value)),
        _ => None,
    }
}

/// How the thing with this id begins in a file.
pub(super) fn id(id: &str) -> String {
    format!("id = \"{id}\"")
}

/// Line and column, from 1, of the byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_character_has_its_place() {
        let text = "title = \"good\"\nhints = [\"a\\tb\", \"evil\\u001b[2J\"]\n".to_owned();
        let file = File { path: "exercise.toml".into(), text };
        let error = file.data::<toml::Table>().expect_err("it is refused").to_string();
        assert_eq!(error, "exercise.toml:2:18: this text has a hidden character, U+001B");
    }
}
