//! Evidence on disk: JSON lines, a header first; plain while it is recorded, gzip once it is complete.

use super::{Evidence, Header};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Version of the file format; a newer one is refused with a clear word, and older ones are read:
///
/// 1. had fewer events and fields.
/// 2. added events (`collected`, `reset`, `crash`), and leaves out fields that say nothing.
/// 3. gives the reason of `gave-up` as a value, where older formats have a sentence ([`Because`](super::Because)).
pub const FORMAT: u32 = 3;

/// Why a stored run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("{}: cannot read evidence: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: this is not evidence of kafkacourse: {reason}", path.display())]
    Corrupt { path: PathBuf, line: usize, reason: String },
    #[error("{}: recorded in format {found} by kafkacourse {by}; this version reads format {FORMAT}. Update kafkacourse, or use that version.", path.display())]
    Newer { path: PathBuf, found: u64, by: String },
}

/// Reads a stored run, complete or cut off while it was recorded.
///
/// # Errors
/// The file cannot be read, is not evidence, or comes from a newer version; the line is named.
pub fn load(path: &Path) -> Result<Evidence, EvidenceError> {
    let read = |source| EvidenceError::Read { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(read)?);
    let zipped = file.fill_buf().map_err(read)?.starts_with(&[0x1f, 0x8b]);
    let text: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let corrupt = |line: usize, reason: String| EvidenceError::Corrupt { path: path.to_owned(), line, reason };
    let mut lines = BufReader::new(text).lines().enumerate();
    let Some((_, first)) = lines.next() else { return Err(corrupt(1, "the file is empty".into())) };
    let first = first.map_err(|error| corrupt(1, error.to_string()))?;
    let header = header(path, &first)?;
    let mut events = Vec::new();
    let mut lines = lines.peekable();
    while let Some((index, line)) = lines.next() {
        let line = line.map_err(|error| corrupt(index + 1, error.to_string()))?;
        match serde_json::from_str(&line) {
            Ok(event) => events.push(event),
            // The grader was killed while it wrote this line; what stands before it is whole.
            Err(_) if !zipped && lines.peek().is_none() => break,
            Err(error) => return Err(corrupt(index + 1, error.to_string())),
        }
    }
    Ok(Evidence { header, events })
}

fn header(path: &Path, line: &str) -> Result<Header, EvidenceError> {
    let corrupt =
        |error: serde_json::Error| EvidenceError::Corrupt { path: path.to_owned(), line: 1, reason: error.to_string() };
    let raw: serde_json::Value = serde_json::from_str(line).map_err(corrupt)?;
    match raw.get("format").and_then(serde_json::Value::as_u64) {
        Some(found) if found > u64::from(FORMAT) => Err(EvidenceError::Newer {
            path: path.to_owned(),
            found,
            by: raw.get("recorded_by").and_then(|by| by.as_str()).unwrap_or("unknown").to_owned(),
        }),
        _ => serde_json::from_value(raw).map_err(corrupt),
    }
}
