//! Evidence on disk: JSON lines, a header first; plain while it is recorded, gzip once it is complete.

use super::{Event, Evidence, Header, What};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Version of the file format; a newer one is refused with a clear word.
pub const FORMAT: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("{}: cannot write evidence: {source}. Is the disk full, or the folder read-only?", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{}: cannot read evidence: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: this is not evidence of kafkacourse: {reason}", path.display())]
    Corrupt { path: PathBuf, line: usize, reason: String },
    #[error("{}: recorded in format {found} by kafkacourse {by}; this version reads format {FORMAT}. Update kafkacourse, or use that version.", path.display())]
    Newer { path: PathBuf, found: u64, by: String },
}

/// The file of a run that is still going on. A write error is kept and told at the end, where it can be told well.
pub(super) struct Log {
    path: PathBuf,
    open: PathBuf,
    out: Option<BufWriter<File>>,
    failed: Option<std::io::Error>,
}

impl Log {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Log, EvidenceError> {
        let wrap = |source| EvidenceError::Write { path: path.to_owned(), source };
        let open = path.with_extension("open");
        let out = File::create(&open).map_err(wrap)?;
        let mut log = Log { path: path.to_owned(), open, out: Some(BufWriter::new(out)), failed: None };
        log.line(header);
        log.flush();
        Ok(log)
    }

    pub(super) fn append(&mut self, event: &Event) {
        self.line(event);
        // Not each line, which would cost a system call for every frame: what a killed grader leaves begins well.
        if matches!(event.what, What::Started { .. } | What::Exited { .. } | What::GaveUp { .. }) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if let Some(Err(error)) = self.out.as_mut().map(Write::flush) {
            self.failed = Some(error);
            self.out = None;
        }
    }

    fn line(&mut self, value: &impl serde::Serialize) {
        let Some(out) = &mut self.out else { return };
        let written = serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|()| out.write_all(b"\n")) {
            self.failed = Some(error);
            self.out = None;
        }
    }

    pub(super) fn close(&mut self) -> Result<(), EvidenceError> {
        let wrap = |source| EvidenceError::Write { path: self.path.clone(), source };
        if let Some(error) = self.failed.take() {
            return Err(wrap(error));
        }
        let Some(mut out) = self.out.take() else { return Ok(()) };
        out.flush().map_err(wrap)?;
        compress(&self.open, &self.path).map_err(wrap)
    }
}

/// The complete file appears under its name at once, or not at all.
fn compress(open: &Path, path: &Path) -> std::io::Result<()> {
    let temporary = path.with_extension("part");
    let mut encoder = GzEncoder::new(BufWriter::new(File::create(&temporary)?), Compression::fast());
    std::io::copy(&mut BufReader::new(File::open(open)?), &mut encoder)?;
    encoder.finish()?.into_inner().map_err(|error| error.into_error())?;
    std::fs::rename(&temporary, path)?;
    std::fs::remove_file(open)
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
