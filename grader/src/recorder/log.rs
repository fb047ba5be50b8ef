//! The evidence file while it is written: JSON lines as they come, compressed once it is complete.

use super::RecordError;
use crate::evidence::{Event, Header};
use flate2::{Compression, write::GzEncoder};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The file of a run that is still going on. A thread of its own writes it, and not while programs send as fast as they
/// can: making JSON of a full batch takes longer than handing it on, and would take the processor from them. A write
/// error is kept and told at the end, where it can be told well.
pub(super) struct Log {
    path: PathBuf,
    open: PathBuf,
    events: Option<Sender<Arc<Event>>>,
    flow: Arc<Flow>,
    writer: Option<JoinHandle<std::io::Result<()>>>,
}

impl Log {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Log, RecordError> {
        let wrap = |source| RecordError::Write { path: path.to_owned(), source };
        let open = path.with_extension("open");
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&open).map_err(wrap)?);
        line(&mut out, header).map_err(wrap)?;
        let (events, queue) = mpsc::channel();
        let flow = Arc::new(Flow::default());
        let seen = flow.clone();
        let writer = std::thread::Builder::new().name("evidence".into()).spawn(move || write(out, &queue, &seen));
        let writer = writer.map_err(|source| RecordError::Thread { path: path.to_owned(), source })?;
        Ok(Log { path: path.to_owned(), open, events: Some(events), flow, writer: Some(writer) })
    }

    /// One more event; with it, programs have left about so many bytes in all.
    pub(super) fn append(&self, event: Arc<Event>, bytes: usize) {
        self.flow.bytes.store(bytes, Ordering::Relaxed);
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
        self.flow.ends.store(true, Ordering::Release);
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

/// What the writer is told besides the events.
#[derive(Default)]
struct Flow {
    /// What programs have left so far.
    bytes: AtomicUsize,
    /// No event will come any more.
    ends: AtomicBool,
}

/// Writes what comes, until the flow ends.
fn write(mut out: BufWriter<File>, queue: &Receiver<Arc<Event>>, flow: &Flow) -> std::io::Result<()> {
    let (mut before, mut written) = (0, Instant::now());
    loop {
        let ends = flow.ends.load(Ordering::Acquire);
        let puts_off = || {
            let burst = flow.bytes.load(Ordering::Relaxed).saturating_sub(before) > BURST;
            burst && !ends && written.elapsed() < LONGEST_DELAY
        };
        if !puts_off() {
            while let Ok(event) = queue.try_recv() {
                line(&mut out, &*event)?;
                if puts_off() {
                    break;
                }
            }
            out.flush()?;
            written = Instant::now();
        }
        if ends {
            return Ok(());
        }
        before = flow.bytes.load(Ordering::Relaxed);
        // Asleep and not waiting for the queue: to wake this thread would cost each event some microseconds.
        std::thread::park_timeout(PAUSE);
    }
}

/// How far the file may lag behind what has been seen, where that is little.
const PAUSE: Duration = Duration::from_millis(10);
/// Whoever leaves more bytes than this in such a time, sends as fast as it can.
const BURST: usize = 256 << 10;
/// How far the file may lag behind such a program.
const LONGEST_DELAY: Duration = Duration::from_secs(1);

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
