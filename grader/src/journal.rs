//! Append-only files of JSON lines, one record on each, that several processes may write at once.
//!
//! A line is written whole or not at all, under a lock. A damaged line costs only itself: it is skipped and reported.

use crate::files;
use crate::foreign::visible;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file that is longer was not written by us: a line has some hundred bytes.
const MOST_BYTES: u64 = 64 << 20;
/// A line that is longer is a damaged one.
const LONGEST_LINE: u64 = 1 << 20;
/// Whoever writes holds the lock for a moment; a process that was stopped meanwhile may hold it for ever.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: it is larger than {}. kafkacourse did not write that; move the file away.", path.display(), files::size(*most))]
    TooLarge { path: PathBuf, most: u64 },
    #[error("{}: another process has held its lock for {} s. Is a kafkacourse suspended somewhere?", path.display(), PATIENCE.as_secs())]
    Locked { path: PathBuf },
    #[error("{}: written by a newer kafkacourse (format {found}, this version reads {format}). Update kafkacourse.", path.display())]
    Newer { path: PathBuf, found: u64, format: u32 },
}

/// A journal on disk. Each record says in a field `format` by which version of its type it was written.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
    /// The newest format that can be read.
    format: u32,
    most_bytes: u64,
}

/// Everything that could be read of a journal.
#[derive(Debug)]
pub struct Contents<T> {
    pub records: Vec<T>,
    pub damaged: Vec<DamagedLine>,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}:{line}: this line is damaged ({reason}). Everything else counts; remove the line to be rid of this word.",
    path.display()
)]
pub struct DamagedLine {
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
    pub reason: String,
}

impl Journal {
    /// The journal at `path`, which need not be there yet, of records up to `format`.
    pub fn new(path: PathBuf, format: u32) -> Journal {
        Journal { path, format, most_bytes: MOST_BYTES }
    }

    /// The same journal, which may grow to so many bytes.
    #[must_use]
    pub fn up_to(self, most_bytes: u64) -> Journal {
        Journal { most_bytes, ..self }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all records; no file means that there are none.
    ///
    /// # Errors
    /// The file cannot be read, is no ordinary file, is far too large, or comes from a newer version.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Contents<T>, JournalError> {
        let mut contents = Contents { records: Vec::new(), damaged: Vec::new() };
        let file = match files::open(&self.path) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(contents);
            }
            Err(error) => return Err(self.io(error)),
        };
        // Who does not get the lock reads all the same, and takes at worst a line in the making for a damaged one.
        lock(|| file.try_lock_shared()).ok();
        if file.metadata().map_err(|error| self.io(error))?.len() > self.most_bytes {
            return Err(JournalError::TooLarge { path: self.path.clone(), most: self.most_bytes });
        }
        let mut lines = BufReader::new(file.take(self.most_bytes));
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| self.io(error))?;
            if read == 0 {
                break;
            }
            let ended = line.pop_if(|last| *last == b'\n').is_some();
            let record = if !ended && read as u64 == LONGEST_LINE {
                lines.skip_until(b'\n').map_err(|error| self.io(error))?;
                Err(format!("it is longer than {}", files::size(LONGEST_LINE)))
            } else if line.is_empty() {
                continue;
            } else {
                self.record(&line)?
            };
            match record {
                Ok(record) => contents.records.push(record),
                Err(reason) => {
                    contents.damaged.push(DamagedLine { path: self.path.clone(), line: number, reason });
                }
            }
        }
        Ok(contents)
    }

    /// The record on a line, or what is wrong with the line.
    fn record<T: DeserializeOwned>(&self, line: &[u8]) -> Result<Result<T, String>, JournalError> {
        let raw = serde_json::from_slice::<serde_json::Value>(line);
        let found = raw.as_ref().ok().and_then(|raw| raw.get("format")?.as_u64()).unwrap_or(0);
        if found > u64::from(self.format) {
            return Err(JournalError::Newer { path: self.path.clone(), found, format: self.format });
        }
        Ok(raw.and_then(serde_json::from_value).map_err(|error| {
            // The position within the line helps nobody, and what was read there may hold anything.
            let reason = error.to_string();
            let reason = reason.split(" at line").next().unwrap_or_default();
            visible(reason).chars().take(200).collect()
        }))
    }

    /// Appends one record on a line of its own, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written, is no ordinary file, or another process does not let go of its lock. Then the file is
    /// as it was.
    pub fn append<T: Serialize>(&self, record: &T) -> Result<(), JournalError> {
        self.append_line(record).map(drop)
    }

    /// [`Journal::append`], and the record is on the disk when this returns, whatever happens to the machine.
    ///
    /// # Errors
    /// Those of `append`, and of a disk that does not take it.
    pub fn append_synced<T: Serialize>(&self, record: &T) -> Result<(), JournalError> {
        self.append_line(record)?.sync_data().map_err(|error| self.io(error))
    }

    fn append_line<T: Serialize>(&self, record: &T) -> Result<File, JournalError> {
        let mut line = serde_json::to_vec(record).map_err(|error| self.io(error.into()))?;
        line.push(b'\n');
        if let Some(folder) = self.path.parent() {
            files::make_folder(folder).map_err(|error| self.io(error))?;
        }
        let mut options = OpenOptions::new();
        let mut file =
            files::open_as(options.create(true).append(true).read(true), &self.path).map_err(|error| self.io(error))?;
        match lock(|| file.try_lock()) {
            Err(TryLockError::WouldBlock) => return Err(JournalError::Locked { path: self.path.clone() }),
            Err(TryLockError::Error(_)) | Ok(()) => {} // without locks, one short write is still as good as atomic
        }
        append_whole(&mut file, line).map_err(|error| self.io(error))?;
        Ok(file)
    }

    fn io(&self, source: std::io::Error) -> JournalError {
        JournalError::Io { path: self.path.clone(), source }
    }
}

/// Appends `line`, or leaves `file` as it was.
fn append_whole(file: &mut File, mut line: Vec<u8>) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    if !ends_with_newline(file, length)? {
        // A line that a crash cut off must not swallow this one.
        line.insert(0, b'\n');
    }
    file.write_all(&line).inspect_err(|_| {
        // A full disk may have taken a part of it.
        file.set_len(length).ok();
    })
}

fn ends_with_newline(file: &mut File, length: u64) -> std::io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Tries to get a lock for as long as [`PATIENCE`] lasts.
fn lock(mut attempt: impl FnMut() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Record {
        format: u32,
        name: String,
    }

    fn named(name: &str) -> Record {
        Record { format: 1, name: name.into() }
    }

    fn journal(folder: &tempfile::TempDir) -> Journal {
        Journal::new(folder.path().join("below/journal.jsonl"), 1)
    }

    fn names(journal: &Journal) -> Vec<String> {
        journal.read::<Record>().unwrap().records.into_iter().map(|record| record.name).collect()
    }

    #[test]
    fn what_was_appended_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        assert!(names(&journal).is_empty());
        ["a", "b\n\u{1b}", "c"].iter().for_each(|name| journal.append(&named(name)).unwrap());
        assert_eq!(names(&journal), ["a", "b\n\u{1b}", "c"]);
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let journal = &journal;
                scope.spawn(move || (0..25).for_each(|n| journal.append(&named(&format!("{writer}.{n}"))).unwrap()));
            }
        });
        let contents = journal.read::<Record>().unwrap();
        assert_eq!((contents.records.len(), contents.damaged.len()), (200, 0));
    }

    #[test]
    fn a_damaged_line_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        journal.append(&named("a")).unwrap();
        let mut file = OpenOptions::new().append(true).open(journal.path()).unwrap();
        file.write_all(b"{\"format\":1}\n\n{\"format\":1,\"name\":\"\xff\"}\n").unwrap();
        file.write_all(&vec![b'x'; LONGEST_LINE as usize + 7]).unwrap();
        file.write_all(b"\n{\"format\":1,\"name\":\"b\"}\n{\"format\":1,\"na").unwrap();
        journal.append(&named("c")).unwrap();
        assert_eq!(names(&journal), ["a", "b", "c"]);
        let damaged = journal.read::<Record>().unwrap().damaged;
        let told: Vec<(usize, &str)> = damaged.iter().map(|line| (line.line, line.reason.as_str())).collect();
        assert_eq!(told[0], (2, "missing field `name`"));
        assert_eq!(told[1].0, 4);
        assert_eq!(told[2], (5, "it is longer than 1 MiB"));
        assert_eq!(told[3], (7, "EOF while parsing a string"));
        assert_eq!(told.len(), 4);
    }

    #[test]
    fn a_newer_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        journal.append(&Record { format: 2, name: "from the future".into() }).unwrap();
        assert!(matches!(journal.read::<Record>(), Err(JournalError::Newer { found: 2, .. })));
    }

    #[test]
    fn something_else_in_its_place_is_an_error_and_not_a_wait() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("journal.jsonl"), 1);
        mknodat(CWD, journal.path(), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        for error in [journal.read::<Record>().unwrap_err(), journal.append(&named("a")).unwrap_err()] {
            assert!(error.to_string().ends_with("journal.jsonl: it is not an ordinary file"), "{error}");
        }
        std::fs::remove_file(journal.path()).unwrap();
        File::create(journal.path()).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(matches!(journal.read::<Record>(), Err(JournalError::TooLarge { .. })));
    }

    #[test]
    fn what_cannot_be_written_is_an_error_and_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Journal::new(PathBuf::from("/dev/full"), 1).append(&named("a")).is_err(), "a device is no journal");
        let journal = journal(&folder);
        journal.append(&named("a")).unwrap();
        let mut read_only = File::open(journal.path()).unwrap();
        assert!(append_whole(&mut read_only, b"half a line\n".to_vec()).is_err());
        assert_eq!(names(&journal), ["a"]);
    }
}
