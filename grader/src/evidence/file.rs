//! Reading evidence from disk: JSON lines, a header first; plain while it is recorded, gzip once it is complete.
//!
//! A file may come from anywhere, so nothing in it is trusted: it is measured before anything of it is kept, and every
//! position in it is held against the events that are there.

use super::{Event, Evidence, Header, What};
use crate::limits::{FILE_BYTES, FILE_EVENTS, FILE_LINE_BYTES};
use flate2::bufread::MultiGzDecoder;
use std::fs::{File, FileType};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// Version of the file format; a newer one is refused with a clear word, and older ones are read:
///
/// 1. had fewer events and fields.
/// 2. added events (`collected`, `reset`, `crash`), and leaves out fields that say nothing.
/// 3. gives the reason of `gave-up` as a value, where older formats have a sentence ([`Because`](super::Because)); the
///    answer to a request that could not be decoded names the event `undecoded`, where older formats have a number that
///    no event has; a connection for which no node is known leaves `node` out, where older formats have -1.
/// 4. knows the limits of confined programs.
/// 5. added events (`not-served`, `changed`).
/// 6. added an event (`arranged`).
/// 7. added events (`aborted`, `read`, `replaces`).
/// 8. added an event (`observed`).
pub const FORMAT: u32 = 8;

/// Why a stored run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("{}: cannot read evidence: {source}{}", path.display(), crate::files::remedy(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: this is {kind}; evidence is in a file", path.display())]
    NoFile { path: PathBuf, kind: &'static str },
    #[error("{}: {what}, and no scenario's evidence has that much. It was not read.", path.display())]
    TooLarge { path: PathBuf, what: String },
    #[error("{}: the file is cut off: its end is missing after {events} whole events. Was it copied completely?", path.display())]
    CutOff { path: PathBuf, events: usize },
    #[error("{}:{line}: this is not evidence of kafkacourse: {reason}", path.display())]
    Corrupt { path: PathBuf, line: usize, reason: String },
    #[error("{}: recorded in format {found} by kafkacourse {by}; this version reads format {FORMAT}. Update kafkacourse, or use that version.", path.display())]
    Newer { path: PathBuf, found: u64, by: String },
}

/// Where the evidence of a scenario lies in the `folder` of its run.
pub fn file_in(folder: &Path, scenario: &str) -> PathBuf {
    folder.join(format!("{scenario}.jsonl.gz"))
}

/// Reads a stored run, complete or cut off while it was recorded.
///
/// # Errors
/// There is no such file, or it cannot be read; it is not evidence, or not all of it; it is larger than any scenario's
/// evidence; or it comes from a newer version.
pub fn load(path: &Path) -> Result<Evidence, EvidenceError> {
    ordinary(path)?;
    measure(path)?;
    let mut lines = Lines::open(path)?;
    let Some(first) = lines.next()? else { return Err(lines.corrupt("the file is empty")) };
    let header = header(path, first.text)?;
    let mut events = Vec::new();
    while let Some(line) = lines.next()? {
        match serde_json::from_str(line.text) {
            Ok(event) => {
                let position = events.len();
                if let Some(wrong) = points_nowhere(&event, position, header.format) {
                    return Err(lines.corrupt(wrong));
                }
                events.push(event);
            }
            // The grader was killed while it wrote this line; what stands before it is whole.
            Err(_) if !line.is_whole && !lines.zipped => break,
            Err(error) => return Err(lines.corrupt(error)),
        }
    }
    Ok(Evidence { header, events })
}

/// Opening anything but an ordinary file could take for ever, or never come to an end.
fn ordinary(path: &Path) -> Result<(), EvidenceError> {
    let read = |source| EvidenceError::Read { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(read)?;
    match kind(metadata.file_type()) {
        None => Ok(()),
        Some(kind) => Err(EvidenceError::NoFile { path: path.to_owned(), kind }),
    }
}

/// What it is, where it is no ordinary file.
fn kind(found: FileType) -> Option<&'static str> {
    match found {
        found if found.is_file() => None,
        found if found.is_dir() => Some("a folder"),
        found if found.is_fifo() => Some("a named pipe"),
        _ => Some("no ordinary file"),
    }
}

/// Is the file whole, and not larger than it may be? Nothing of it is kept: a few MiB can be unpacked to some GiB.
fn measure(path: &Path) -> Result<(), EvidenceError> {
    let mut lines = Lines::open(path)?;
    let too_large = |what: String| EvidenceError::TooLarge { path: path.to_owned(), what };
    while lines.next()?.is_some() {
        if lines.read > FILE_BYTES {
            return Err(too_large(format!("it holds more than {} MiB", FILE_BYTES >> 20)));
        }
        if lines.number > FILE_EVENTS + 1 {
            return Err(too_large(format!("it holds more than {FILE_EVENTS} events")));
        }
    }
    Ok(())
}

/// The lines of an evidence file, one at a time.
struct Lines<'p> {
    path: &'p Path,
    zipped: bool,
    text: Box<dyn BufRead>,
    /// Of the line that was read last, from 1.
    number: usize,
    /// Bytes so far, unpacked.
    read: u64,
    buffer: Vec<u8>,
}

/// A line of text.
struct Line<'b> {
    text: &'b str,
    /// It ends with a line break.
    is_whole: bool,
}

impl<'p> Lines<'p> {
    fn open(path: &'p Path) -> Result<Lines<'p>, EvidenceError> {
        let read = |source| EvidenceError::Read { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(read)?);
        let zipped = file.fill_buf().map_err(read)?.starts_with(&[0x1f, 0x8b]);
        let text: Box<dyn BufRead> =
            if zipped { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        Ok(Lines { path, zipped, text, number: 0, read: 0, buffer: Vec::new() })
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, EvidenceError> {
        self.buffer.clear();
        let path = || self.path.to_owned();
        match (&mut self.text).take(FILE_LINE_BYTES + 1).read_until(b'\n', &mut self.buffer) {
            Ok(0) => return Ok(None),
            Ok(read) => self.read += read as u64,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(EvidenceError::CutOff { path: path(), events: self.number.saturating_sub(1) });
            }
            Err(error) if self.zipped => return Err(self.corrupt(error)),
            Err(source) => return Err(EvidenceError::Read { path: path(), source }),
        }
        self.number += 1;
        let is_whole = self.buffer.last() == Some(&b'\n');
        if !is_whole && self.buffer.len() as u64 > FILE_LINE_BYTES {
            let what = format!("its line {} is longer than {} MiB", self.number, FILE_LINE_BYTES >> 20);
            return Err(EvidenceError::TooLarge { path: path(), what });
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(text) => Ok(Some(Line { text: text.trim_end_matches('\n'), is_whole })),
            // The grader was killed within a character.
            Err(error) if !is_whole && !self.zipped && error.error_len().is_none() => {
                Ok(Some(Line { text: "", is_whole }))
            }
            Err(_) => Err(self.corrupt("stream did not contain valid UTF-8")),
        }
    }

    fn corrupt(&self, reason: impl ToString) -> EvidenceError {
        EvidenceError::Corrupt { path: self.path.to_owned(), line: self.number.max(1), reason: reason.to_string() }
    }
}

/// What is wrong with an event that speaks of another one which did not happen before it.
fn points_nowhere(event: &Event, position: usize, format: u32) -> Option<String> {
    let (What::Response { to: other, .. } | What::Answer { to: other, .. } | What::Fault { on: other, .. }) =
        event.what
    else {
        return None;
    };
    // Until format 3 this stood for a request that could not be decoded.
    let none = format < 3 && other == usize::MAX;
    (other >= position && !none).then(|| format!("event {position} speaks of event {other}, which is not before it"))
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

#[cfg(test)]
mod tests;
