//! Where evidence lies, and how long it is kept.
//!
//! Each run has a folder of its own, `evidence/EXERCISE/run-00042`. The number is unique among all exercises and grows,
//! so that "the latest run" depends on no clock. Versions before this one named folders by local time; those are older
//! than every numbered one. While a run goes on it holds a lock on a file in its folder, which the system takes away
//! from a process that has died. Nothing is ever deleted by looking: [`Run::end`] is the one place.

use crate::files;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many earlier runs of an exercise are kept, not counting those that were going on beside the last one.
pub const KEPT: usize = 8;
/// What the folders of the pages' recordings begin with.
pub const RECORDING: &str = "recording-";
/// In the folder of a run that goes on.
const MARKER: &str = ".running";
/// In the folder of all evidence: whoever takes a number holds it.
const LOCK: &str = ".lock";
/// Of a number; what has more is not ours.
const MOST_DIGITS: usize = 15;
/// To take a number needs a moment.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts to get the lock.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: another process has held this lock for {} s. Is a kafkacourse suspended somewhere?", path.display(), PATIENCE.as_secs())]
    Locked { path: PathBuf },
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { path, source }
}

/// The evidence of a course.
#[derive(Debug, Clone)]
pub struct Store {
    /// `.kafkacourse/evidence`
    root: PathBuf,
}

/// A run that goes on, and its folder. Where it is dropped without [`Run::end`], an interrupted run is left behind.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    /// Locked for as long as this lives. None where the file system knows no locks.
    _marker: Option<File>,
    /// The runs of the same exercise that had ended when this one began, latest first.
    before: Vec<PathBuf>,
}

/// What is there of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub folder: PathBuf,
    /// Evidence files of scenarios that came to their end, by name.
    pub complete: Vec<PathBuf>,
    /// Files of scenarios that were interrupted, or that still go on.
    pub open: Vec<PathBuf>,
    /// The run goes on at this moment.
    pub going_on: bool,
}

/// By age: a run named by local time is older than any with a number.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Time(String),
    Number(u64),
}

impl Store {
    /// The evidence below `state`, the folder `.kafkacourse`.
    pub fn new(state: &Path) -> Store {
        Store { root: state.join("evidence") }
    }

    /// Begins a run of `exercise` in a folder of its own, which is new.
    ///
    /// # Errors
    /// It cannot be made: the course may be read-only, the disk full, or another process may hold the lock.
    pub fn begin(&self, exercise: &str) -> Result<Run, StoreError> {
        let folder = self.root.join(exercise);
        files::make_folder(&folder).map_err(io(&folder))?;
        let _lock = self.lock()?;
        let before: Vec<PathBuf> =
            runs(&folder)?.into_iter().rev().map(|(_, run)| run).filter(|run| !goes_on(run)).collect();
        let mut number = self.next_number()?;
        let run = loop {
            let run = folder.join(format!("run-{number:05}"));
            match std::fs::create_dir(&run) {
                // Where locks do not work, another process may have been faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                made => {
                    made.map_err(io(&run))?;
                    break run;
                }
            }
        };
        let marker = mark(&run)?;
        Ok(Run { folder: run, _marker: marker, before })
    }

    /// The latest run of `exercise`, or of any exercise, of which at least one scenario is complete. What an author's
    /// check or a recording of the pages has recorded counts only where it is named.
    ///
    /// # Errors
    /// A folder is there and cannot be read.
    pub fn latest(&self, exercise: Option<&str>) -> Result<Option<Recorded>, StoreError> {
        let exercises = match exercise {
            Some(exercise) => vec![self.root.join(exercise)],
            None => folders(&self.root)?.into_iter().filter(|folder| !is_of_no_exercise(folder)).collect(),
        };
        let mut all = Vec::new();
        for folder in exercises {
            all.extend(runs(&folder)?);
        }
        all.sort();
        for (_, run) in all.into_iter().rev() {
            let recorded = recorded(run)?;
            if !recorded.complete.is_empty() {
                return Ok(Some(recorded));
            }
        }
        Ok(None)
    }

    /// A number that is higher than that of any run of any exercise.
    fn next_number(&self) -> Result<u64, StoreError> {
        let mut highest = 0;
        for folder in folders(&self.root)? {
            for (age, _) in runs(&folder)? {
                if let Age::Number(number) = age {
                    highest = highest.max(number);
                }
            }
        }
        Ok(highest.saturating_add(1))
    }

    /// A lock against everybody else who takes a number; none where the file system knows no locks.
    fn lock(&self) -> Result<Option<File>, StoreError> {
        let path = self.root.join(LOCK);
        let mut options = std::fs::OpenOptions::new();
        let file = files::open_as(options.create(true).append(true), &path).map_err(io(&path))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::Error(_)) => return Ok(None),
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path }),
            }
        }
    }
}

impl Run {
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The run has come to its end. Of the runs of this exercise that had ended before it began, the latest
    /// [`KEPT`]` - 1` stay and older ones are deleted; what was recorded beside it is left alone.
    pub fn end(self) {
        std::fs::remove_file(self.folder.join(MARKER)).ok();
        for old in self.before.iter().skip(KEPT - 1) {
            std::fs::remove_dir_all(old).ok(); // another check may be at it, too
        }
    }

    /// The run was given up, and nobody is to see what it has recorded. Its programs have ended.
    pub fn discard(self) {
        std::fs::remove_dir_all(&self.folder).ok(); // what stays is an interrupted run
    }
}

impl Age {
    /// Of a run's folder by its name; none where it is not one of ours.
    fn of_folder(name: &str) -> Option<Age> {
        match name.strip_prefix("run-") {
            Some(number) if number.len() > MOST_DIGITS => None,
            Some(number) => number.parse().ok().map(Age::Number),
            None => name.starts_with(|c: char| c.is_ascii_digit()).then(|| Age::Time(name.to_owned())),
        }
    }
}

/// The runs in the folder of an exercise, oldest first; none where there is no such folder.
fn runs(exercise: &Path) -> Result<Vec<(Age, PathBuf)>, StoreError> {
    let aged = |folder: PathBuf| Some((Age::of_folder(folder.file_name()?.to_str()?)?, folder));
    let mut runs: Vec<(Age, PathBuf)> = folders(exercise)?.into_iter().filter_map(aged).collect();
    runs.sort();
    Ok(runs)
}

fn recorded(folder: PathBuf) -> Result<Recorded, StoreError> {
    let (mut complete, mut open) = (Vec::new(), Vec::new());
    for (path, kind) in entries(&folder)? {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") if kind.is_file() => complete.push(path),
            Some("open") if kind.is_file() => open.push(path),
            _ => {}
        }
    }
    complete.sort();
    open.sort();
    let going_on = goes_on(&folder);
    Ok(Recorded { folder, complete, open, going_on })
}

/// Marks the run as going on. The marker is locked before it gets its name: nobody has looked at it by then.
fn mark(run: &Path) -> Result<Option<File>, StoreError> {
    let (unnamed, named) = (run.join(".running.new"), run.join(MARKER));
    let marker = File::create_new(&unnamed).map_err(io(&unnamed))?;
    let locked = marker.try_lock().is_ok();
    std::fs::rename(&unnamed, &named).map_err(io(&named))?;
    Ok(locked.then_some(marker))
}

/// Is the run that this folder belongs to still going on?
fn goes_on(run: &Path) -> bool {
    let Ok(marker) = files::open(&run.join(MARKER)) else { return false };
    // Of a process that has died, only the file is left. Where locks do not work, it had better be believed.
    marker.try_lock_shared().is_err()
}

/// The folders in `folder`, links not among them; none where it is not there.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    Ok(entries(folder)?.into_iter().filter(|(_, kind)| kind.is_dir()).map(|(path, _)| path).collect())
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, std::fs::FileType)>, StoreError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(io(folder)(error)),
    };
    // What is deleted while we look is not there.
    Ok(entries.filter_map(|entry| entry.ok().and_then(|entry| Some((entry.path(), entry.file_type().ok()?)))).collect())
}

/// Is it what an author's check has recorded, or a recording of the pages played anew?
fn is_of_no_exercise(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    ["author-", RECORDING].iter().any(|begins| name.starts_with(begins))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        (folder, store)
    }

    /// A run that recorded one scenario and has ended.
    fn whole(store: &Store, exercise: &str) -> PathBuf {
        let run = store.begin(exercise).unwrap();
        let folder = run.folder().to_owned();
        std::fs::write(folder.join("steady.jsonl.gz"), "").unwrap();
        run.end();
        folder
    }

    fn latest(store: &Store, exercise: Option<&str>) -> PathBuf {
        store.latest(exercise).unwrap().unwrap().folder
    }

    #[test]
    fn runs_at_once_get_numbers_of_their_own_and_none_is_deleted() {
        let (_folder, store) = store();
        let runs: Vec<Run> = std::thread::scope(|scope| {
            let begin = |n: usize| {
                let store = &store;
                move || store.begin(if n.is_multiple_of(2) { "ex1" } else { "ex2" }).unwrap()
            };
            let threads: Vec<_> = (0..40).map(|n| scope.spawn(begin(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let names: BTreeSet<_> = runs.iter().map(|run| run.folder().file_name().unwrap().to_owned()).collect();
        assert_eq!(names.len(), 40, "across exercises, too");
        let folders: Vec<PathBuf> = runs.iter().map(|run| run.folder().to_owned()).collect();
        runs.into_iter().for_each(Run::end);
        assert!(folders.iter().all(|folder| folder.is_dir()), "they ran side by side");
        let next = store.begin("ex1").unwrap();
        next.end();
        assert_eq!(folders.iter().filter(|folder| folder.is_dir()).count(), 20 + KEPT - 1, "only ex1's are too many");
    }

    #[test]
    fn the_latest_goes_by_number_and_not_by_time() {
        let (folder, store) = store();
        assert_eq!(store.latest(None).unwrap(), None);
        let old = folder.path().join("evidence/ex1/29991231-235959.999-4242");
        std::fs::create_dir_all(&old).unwrap();
        std::fs::write(old.join("steady.jsonl.gz"), "").unwrap();
        assert_eq!(latest(&store, None), old);
        let first = whole(&store, "ex2");
        assert_eq!((latest(&store, None), latest(&store, Some("ex1"))), (first, old));
        (0..12).for_each(|_| drop(whole(&store, "ex1")));
        let last = whole(&store, "ex1");
        assert!(last.ends_with("run-00014"), "{}", last.display());
        whole(&store, "author-ex1-solution");
        assert_eq!(latest(&store, None), last, "an author's check is not the learner's");
    }

    #[test]
    fn a_run_that_was_interrupted_is_not_the_latest_but_counts() {
        let (_folder, store) = store();
        let first = whole(&store, "ex1");
        let cut = store.begin("ex1").unwrap();
        std::fs::write(cut.folder().join("steady.jsonl.open"), "").unwrap();
        assert_eq!(latest(&store, None), first);
        std::fs::write(cut.folder().join("outage.jsonl.gz"), "").unwrap();
        let seen = store.latest(None).unwrap().unwrap();
        assert_eq!((seen.complete.len(), seen.open.len(), seen.going_on), (1, 1, true));
        drop(cut); // as if its process had died: the marker stays, the lock does not
        assert!(seen.folder.join(MARKER).is_file());
        assert!(!store.latest(None).unwrap().unwrap().going_on);
    }

    #[test]
    fn a_run_that_is_discarded_takes_no_place() {
        let (_folder, store) = store();
        let first = whole(&store, "ex1");
        for _ in 0..2 * KEPT {
            let given_up = store.begin("ex1").unwrap();
            let folder = given_up.folder().to_owned();
            std::fs::write(folder.join("steady.jsonl.open"), "").unwrap();
            given_up.discard();
            assert!(!folder.exists());
        }
        whole(&store, "ex1");
        assert!(first.is_dir());
    }

    #[test]
    fn retention_leaves_what_goes_on() {
        let (_folder, store) = store();
        let going_on = store.begin("ex1").unwrap();
        let first = whole(&store, "ex1");
        let stopped = store.begin("ex1").unwrap().folder().to_owned();
        (0..KEPT).for_each(|_| drop(whole(&store, "ex1")));
        assert!(going_on.folder().is_dir());
        assert!(!first.exists() && !stopped.exists());
    }

    #[test]
    fn what_is_not_ours_is_neither_read_nor_deleted() {
        let (folder, store) = store();
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("steady.jsonl.gz"), "").unwrap();
        let exercise = folder.path().join("evidence/ex1");
        std::fs::create_dir_all(exercise.join("notes")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, exercise.join("run-99999")).unwrap();
        assert_eq!(store.latest(None).unwrap(), None);
        (0..20).for_each(|_| drop(whole(&store, "ex1")));
        assert!(elsewhere.join("steady.jsonl.gz").is_file() && exercise.join("notes").is_dir());
    }
}
