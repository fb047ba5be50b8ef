//! The evidence file while it is written: JSON lines as they come, compressed once it is complete.

use super::RecordError;
use crate::evidence::{Event, Header};
use flate2::{Compression, write::GzEncoder};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The file of a run that is still going on. A thread of its own writes it: making JSON of a full batch takes longer
/// than handing it on. A write error is kept and told at the end, where it can be told well.
pub(super) struct Log {
    path: PathBuf,
    open: PathBuf,
    events: Option<Sender<Arc<Event>>>,
    writer: Option<JoinHandle<std::io::Result<()>>>,
}

impl Log {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Log, RecordError> {
        let wrap = |source| RecordError::Write { path: path.to_owned(), source };
        let open = path.with_extension("open");
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&open).map_err(wrap)?);
        line(&mut out, header).map_err(wrap)?;
        let (events, queue) = mpsc::channel();
        let writer = std::thread::Builder::new().name("evidence".into()).spawn(move || write(out, &queue));
        let writer = writer.map_err(|source| RecordError::Thread { path: path.to_owned(), source })?;
        Ok(Log { path: path.to_owned(), open, events: Some(events), writer: Some(writer) })
    }

    pub(super) fn append(&self, event: Arc<Event>) {
        if let Some(events) = &self.events {
            events.send(event).ok(); // a writer that has gone tells why at the end
        }
    }

    pub(super) fn close(&mut self) -> Result<(), RecordError> {
        let Some(written) = self.end() else { return Ok(()) }; // closed before
        let complete = written.and_then(|()| compress(&self.open, &self.path));
        complete.map_err(|source| RecordError::Write { path: self.path.clone(), source })
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
fn write(mut out: BufWriter<File>, queue: &Receiver<Arc<Event>>) -> std::io::Result<()> {
    loop {
        match queue.try_recv() {
            Ok(event) => line(&mut out, &*event)?,
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
