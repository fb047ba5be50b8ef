//! Evidence on disk: JSON lines, a header first; plain while it is recorded, gzip once it is complete.

use super::{Event, Evidence, Header};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Version of the file format; a newer one is refused with a clear word. 2 added events (`collected`, `reset`, `crash`)
/// and fields that are left out where they say nothing; files of format 1 are read as they are.
pub const FORMAT: u32 = 2;

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

/// The file of a run that is still going on. A thread of its own writes it: making JSON of a full batch takes longer
/// than handing it on. A write error is kept and told at the end, where it can be told well.
pub(super) struct Log {
    path: PathBuf,
    open: PathBuf,
    events: Option<Sender<Event>>,
    writer: Option<JoinHandle<std::io::Result<()>>>,
}

impl Log {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Log, EvidenceError> {
        let wrap = |source| EvidenceError::Write { path: path.to_owned(), source };
        let open = path.with_extension("open");
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&open).map_err(wrap)?);
        line(&mut out, header).map_err(wrap)?;
        let (events, queue) = mpsc::channel();
        let writer = std::thread::Builder::new().name("evidence".into()).spawn(move || write(out, &queue));
        Ok(Log { path: path.to_owned(), open, events: Some(events), writer: Some(writer.map_err(wrap)?) })
    }

    pub(super) fn append(&self, event: Event) {
        if let Some(events) = &self.events {
            events.send(event).ok(); // a writer that has gone tells why at the end
        }
    }

    pub(super) fn close(&mut self) -> Result<(), EvidenceError> {
        let Some(written) = self.end() else { return Ok(()) }; // closed before
        let complete = written.and_then(|()| compress(&self.open, &self.path));
        complete.map_err(|source| EvidenceError::Write { path: self.path.clone(), source })
    }

    /// Waits until everything is in the file.
    fn end(&mut self) -> Option<std::io::Result<()>> {
        drop(self.events.take());
        let writer = self.writer.take()?;
        writer.thread().unpark();
        Some(writer.join().unwrap_or_else(|_| Err(std::io::Error::other("the writer panicked"))))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.end();
    }
}

/// Writes whatever is in the queue, until its other end is dropped.
fn write(mut out: BufWriter<File>, queue: &Receiver<Event>) -> std::io::Result<()> {
    loop {
        match queue.try_recv() {
            Ok(event) => line(&mut out, &event)?,
            Err(TryRecvError::Disconnected) => return out.flush(),
            Err(TryRecvError::Empty) => {
                out.flush()?;
                // Asleep and not waiting for the queue: to wake this thread would cost each event some microseconds.
                std::thread::park_timeout(PAUSE);
            }
        }
    }
}

/// How far the file may lag behind what has been seen.
const PAUSE: Duration = Duration::from_millis(10);

fn line(out: &mut BufWriter<File>, value: &impl serde::Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
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
