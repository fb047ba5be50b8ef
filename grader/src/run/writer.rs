//! Somebody else who writes to a SQLite file of the program's, for a moment.
//!
//! Two processes that share a file meet in it now and then. While one of them has the writer's lock, the other can read, and
//! waits with what it would write: whoever decides by what was read decides by something that is about to change. This makes
//! them meet each time. Nothing is written here.

use crate::files;
use crate::recorder::Locker;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Who may hold locks on the files of one folder.
#[derive(Default)]
pub(super) struct Writer {
    folder: PathBuf,
    /// Per file, how long it is held.
    held: tokio::sync::Mutex<BTreeMap<String, Arc<Until>>>,
}

/// Until when a lock is held, while it is.
#[derive(Default)]
struct Until(Mutex<Option<Instant>>);

impl Writer {
    /// What locks files in this folder.
    pub(super) fn beside(folder: PathBuf) -> Locker {
        let writer = Arc::new(Writer { folder, ..Writer::default() });
        Arc::new(move |file, time| {
            let writer = writer.clone();
            Box::pin(async move { writer.lock(file, time).await })
        })
    }

    /// Done when the lock is held for so long from now on, or cannot be had.
    async fn lock(&self, file: String, time: Duration) {
        let mut held = self.held.lock().await;
        let path = self.folder.join(&file);
        let until = held.entry(file).or_default().clone();
        if until.extend(time) {
            return;
        }
        let (taken, is_taken) = oneshot::channel();
        // A thread of its own: SQLite waits by sleeping. It ends when the lock is given back.
        let holder = std::thread::Builder::new().name("writer".into());
        if holder.spawn(move || until.hold(&path, time, taken)).is_ok() {
            is_taken.await.ok();
        }
    }
}

impl Until {
    fn set(&self, change: impl FnOnce(Option<Instant>) -> Option<Instant>) -> Option<Instant> {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = change(*until);
        *until
    }

    /// For so long from now on, if it is held.
    fn extend(&self, time: Duration) -> bool {
        self.set(|until| until.map(|until| until.max(Instant::now() + time))).is_some()
    }

    fn hold(&self, path: &Path, time: Duration, taken: oneshot::Sender<()>) {
        // Dropped at the end, and the transaction with it.
        let Some(_connection) = locked(path, time) else { return };
        self.set(|_| Some(Instant::now() + time));
        taken.send(()).ok();
        while let Some(until) = self.set(|until| until.filter(|until| *until > Instant::now())) {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
    }
}

/// Waits for the lock at most so long. What is wrong with the file is told where it is read.
fn locked(path: &Path, time: Duration) -> Option<Connection> {
    files::ordinary_database(path).ok()?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    connection.busy_timeout(time).ok()?;
    connection.execute_batch("BEGIN IMMEDIATE").ok()?;
    Some(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_reads_goes_on_and_who_writes_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let writer = Writer::beside(folder.path().to_owned());
        writer("a.db".to_owned(), Duration::from_secs(60)).await; // there is none yet
        let database = Connection::open(folder.path().join("a.db")).expect("a database");
        for mode in ["DELETE", "WAL"] {
            database.pragma_update(None, "journal_mode", mode).expect("a mode");
            database.execute_batch("CREATE TABLE IF NOT EXISTS t (x)").expect("a table");
            let began = Instant::now();
            let time = Duration::from_millis(50);
            writer("a.db".to_owned(), time).await;
            writer("a.db".to_owned(), time).await; // the same lock, a little longer
            database.busy_timeout(Duration::ZERO).expect("no patience");
            database.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, u32>(0)).expect("who reads");
            assert!(database.execute("INSERT INTO t VALUES (1)", []).is_err(), "{mode}");
            database.busy_timeout(Duration::from_secs(60)).expect("patience");
            database.execute("INSERT INTO t VALUES (1)", []).expect("who waits");
            assert!(began.elapsed() >= time, "{mode}");
        }
    }
}
