//! A transaction of a SQLite file, as others see it: by the lock that a writer holds.
//!
//! Any SQLite in any language takes it before it writes, and gives it back when the transaction has been committed or
//! rolled back (<https://www.sqlite.org/lockingv3.html>, <https://www.sqlite.org/walformat.html#wal_locks>). Asking who
//! holds a lock takes none, so the program is not disturbed.

use crate::recorder::{Ending, Recorder};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;

/// `RESERVED_BYTE` of the file: held from the first write of a transaction to its end.
const RESERVED: u64 = 0x4000_0001;
/// `WAL_WRITE_LOCK` of the file beside it that ends in `-shm`, where there is a write-ahead log.
const WAL_WRITE: u64 = 120;

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
    counted: Arc<AtomicU32>,
    watcher: Option<JoinHandle<()>>,
}

/// Whom to kill at the `nth` edge, from 1.
pub(super) struct Strike {
    pub recorder: Arc<Recorder>,
    pub role: String,
    pub nth: u32,
}

impl Watch {
    /// Counts such edges from now on, and strikes at one of them.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn new(database: PathBuf, edge: Edge, strike: Option<Strike>) -> std::io::Result<Watch> {
        let (ends, counted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (until, count) = (ends.clone(), counted.clone());
        let watcher = std::thread::Builder::new().name("locks".into()).spawn(move || {
            let (mut locks, mut held) = (Locks::default(), false);
            while !until.load(Ordering::Relaxed) {
                let now = locks.held(&database);
                let seen = if now { Edge::Begins } else { Edge::Ends };
                if now != held && seen == edge {
                    let count = count.fetch_add(1, Ordering::Relaxed) + 1;
                    if let Some(Strike { recorder, role, .. }) = strike.as_ref().filter(|strike| strike.nth == count) {
                        return recorder.end(role, Ending::Killed);
                    }
                }
                held = now;
                // A transaction can be over in some microseconds, so there is no time to sleep.
                std::thread::yield_now();
            }
        })?;
        Ok(Watch { ends, counted, watcher: Some(watcher) })
    }

    /// How many it has seen.
    pub(super) fn counted(&self) -> u32 {
        self.counted.load(Ordering::Relaxed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.watcher.take().map(JoinHandle::join);
    }
}

/// The files with the locks, once they are there.
#[derive(Default)]
struct Locks {
    main: Option<File>,
    shared: Option<File>,
    asked: u32,
}

/// After so many looks, a file that was not there is looked for again.
const AGAIN: u32 = 64;

impl Locks {
    /// Does anybody hold the lock of a writer?
    fn held(&mut self, database: &Path) -> bool {
        if self.asked.is_multiple_of(AGAIN) {
            let open = |path: &Path| crate::files::open(path).ok();
            self.main = self.main.take().or_else(|| open(database));
            let mut shared = database.as_os_str().to_owned();
            shared.push("-shm");
            self.shared = self.shared.take().or_else(|| open(Path::new(&shared)));
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
