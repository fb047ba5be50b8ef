//! A transaction of a SQLite file, as others see it: by the lock that a writer holds.
//!
//! Any SQLite in any language takes it before it writes, and gives it back when the transaction has been committed or
//! rolled back (<https://www.sqlite.org/lockingv3.html>, <https://www.sqlite.org/walformat.html#wal_locks>). Asking who
//! holds a lock takes none, so the program is not disturbed.

use crate::evidence::{Event, What};
use crate::recorder::{Ending, Recorder};
use crate::wire::Request;
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::SystemTime;

/// `RESERVED_BYTE` of the file: held from the first write of a transaction to its end.
const RESERVED: u64 = 0x4000_0001;
/// `WAL_WRITE_LOCK` of the file beside it that ends in `-shm`, where there is a write-ahead log.
const WAL_WRITE: u64 = 120;

/// Where the file counts its changes.
const CHANGE_COUNTER: u64 = 24;
/// `mxFrame` in the header of the file `-shm`.
const WAL_FRAMES: u64 = 16;

/// What a watcher sees of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// It has begun to write.
    Begins,
    /// It has been committed, or rolled back.
    Ends,
}

/// Somebody who watches the locks of a database until this is dropped.
pub(super) struct Watch {
    ends: Arc<AtomicBool>,
    most: Arc<AtomicU32>,
    lenient: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

/// Whom to kill, and when.
pub(super) struct Strike {
    pub role: String,
    pub edge: Edge,
    /// At which transaction since the last commit to Kafka, from 1. Those that changed nothing do not count.
    pub nth: u32,
}

impl Watch {
    /// Counts the transactions between two commits to Kafka from now on, and strikes once.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn new(database: PathBuf, recorder: Arc<Recorder>, strike: Option<Strike>) -> std::io::Result<Watch> {
        let (ends, most, lenient) = <(Arc<AtomicBool>, Arc<AtomicU32>, Arc<AtomicBool>)>::default();
        let mut watcher =
            Watcher { recorder, strike, number: 0, seen: 0, most: most.clone(), lenient: lenient.clone() };
        let until = ends.clone();
        let watcher = std::thread::Builder::new().name("locks".into()).spawn(move || {
            let mut locks = Locks::new(database);
            let (mut held, mut before) = (locks.held(), locks.seen());
            while !until.load(Ordering::Relaxed) {
                let opened = locks.opened;
                let now = locks.held();
                let seen = locks.seen();
                // Two transactions can follow each other faster than anybody looks: then their journals are two.
                let another = now && held && before.journal.is_some() && seen.journal > before.journal;
                let written = seen.counter != before.counter && (!now || another);
                let changed = locks.opened == opened && (written || seen.frames != before.frames);
                if changed && watcher.ended() || now && (!held || another) && watcher.begins() {
                    return;
                }
                if !now || another {
                    before.counter = seen.counter;
                }
                before = Seen { counter: before.counter, journal: seen.journal.or(before.journal), ..seen };
                held = now;
                // A transaction can be over in some microseconds, so there is no time to sleep.
                std::thread::yield_now();
            }
        })?;
        Ok(Watch { ends, most, lenient, watcher: Some(watcher) })
    }

    /// How many transactions it has seen between two commits to Kafka, at most.
    pub(super) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    /// Whichever transaction comes next will do.
    pub(super) fn take_any(&self) {
        self.lenient.store(true, Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.watcher.take().map(JoinHandle::join);
    }
}

struct Watcher {
    recorder: Arc<Recorder>,
    strike: Option<Strike>,
    /// Transactions since the last commit to Kafka.
    number: u32,
    /// Events that have been looked at.
    seen: usize,
    most: Arc<AtomicU32>,
    lenient: Arc<AtomicBool>,
}

impl Watcher {
    /// A transaction has begun. Is the program dead now?
    fn begins(&mut self) -> bool {
        self.count_anew_after_a_commit();
        self.strikes(Edge::Begins, self.number + 1)
    }

    /// A transaction that changed something has ended. Is the program dead now?
    fn ended(&mut self) -> bool {
        // First the blow: the program goes on meanwhile.
        let expected = self.number + 1;
        if expected > 1 && self.strikes(Edge::Ends, expected) {
            return true;
        }
        self.count_anew_after_a_commit();
        self.number += 1;
        self.most.fetch_max(self.number, Ordering::Relaxed);
        self.strikes(Edge::Ends, self.number)
    }

    fn count_anew_after_a_commit(&mut self) {
        let is_commit =
            |event: &Arc<Event>| matches!(&event.what, What::Request { body: Request::OffsetCommit { .. }, .. });
        let (seen, committed) = self
            .recorder
            .look(|events| (events.len(), events.get(self.seen..).unwrap_or_default().iter().any(is_commit)));
        self.seen = seen;
        if committed {
            self.number = 0;
        }
    }

    fn strikes(&self, edge: Edge, number: u32) -> bool {
        let lenient = self.lenient.load(Ordering::Relaxed);
        let due = |strike: &&Strike| lenient || strike.edge == edge && strike.nth == number;
        let Some(strike) = self.strike.as_ref().filter(due) else { return false };
        self.recorder.end(&strike.role, Ending::Killed);
        true
    }
}

/// What shows that a transaction has changed something.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    /// The file's change counter, which is written just before the transaction is over.
    counter: [u8; 4],
    /// How many frames are in the write-ahead log: written when it is over.
    frames: [u8; 4],
    /// When the journal of an open transaction was made.
    journal: Option<SystemTime>,
}

/// The files with the locks, once they are there.
pub(super) struct Locks {
    database: PathBuf,
    journal: PathBuf,
    main: Option<File>,
    shared: Option<File>,
    asked: u32,
    /// How many of them are open: what a file says when it is opened is no change.
    opened: usize,
}

/// After so many looks, a file that was not there is looked for again.
const AGAIN: u32 = 64;

impl Locks {
    pub(super) fn new(database: PathBuf) -> Locks {
        let mut journal = database.as_os_str().to_owned();
        journal.push("-journal");
        Locks { database, journal: journal.into(), main: None, shared: None, asked: 0, opened: 0 }
    }

    /// What the files say of what has been written so far.
    pub(super) fn written(&mut self) -> impl PartialEq + use<> {
        self.held(); // which opens them
        let Seen { counter, frames, .. } = self.seen();
        (counter, frames)
    }

    /// What the files say now.
    fn seen(&self) -> Seen {
        let at = |file: &Option<File>, offset| {
            let mut bytes = [0; 4];
            let read = file.as_ref().map(|file| file.read_exact_at(&mut bytes, offset));
            if let Some(Ok(())) = read { bytes } else { [0; 4] }
        };
        let journal = std::fs::symlink_metadata(&self.journal).and_then(|journal| journal.created()).ok();
        Seen { counter: at(&self.main, CHANGE_COUNTER), frames: at(&self.shared, WAL_FRAMES), journal }
    }

    /// Does anybody hold the lock of a writer?
    fn held(&mut self) -> bool {
        if self.asked.is_multiple_of(AGAIN) {
            let open = |path: &Path| crate::files::open(path).ok();
            self.main = self.main.take().or_else(|| open(&self.database));
            let mut shared = self.database.as_os_str().to_owned();
            shared.push("-shm");
            self.shared = self.shared.take().or_else(|| open(Path::new(&shared)));
            self.opened = [&self.main, &self.shared].into_iter().flatten().count();
        }
        self.asked = self.asked.wrapping_add(1);
        let locked = |file: &Option<File>, start| file.as_ref().is_some_and(|file| is_locked(file, start));
        locked(&self.main, RESERVED) || locked(&self.shared, WAL_WRITE)
    }
}

fn is_locked(file: &File, start: u64) -> bool {
    let wanted = Flock { start, length: 1, pid: None, typ: FlockType::WriteLock, offset_type: FlockOffsetType::Set };
    fcntl_getlk(file, &wanted).is_ok_and(|holder| holder.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_seen_while_it_is_open_and_its_change_when_it_is_over() {
        // A lock of our own process would not show, so its commit is all that can be seen from in here.
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        for mode in ["DELETE", "WAL"] {
            let database = rusqlite::Connection::open(&path).expect("a database");
            database.pragma_update(None, "journal_mode", mode).expect("a mode");
            database.execute_batch("CREATE TABLE IF NOT EXISTS t (x)").expect("a table");
            let mut locks = Locks::new(path.clone());
            assert!(!locks.held());
            let before = locks.seen();
            database.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1); ROLLBACK").expect("nothing changed");
            assert_eq!(locks.seen(), before, "{mode}");
            database.execute_batch("INSERT INTO t VALUES (1)").expect("a change");
            assert_ne!(locks.seen(), before, "{mode}");
            std::mem::forget(locks); // closing its files would drop this process's locks
        }
    }
}
