//! Who uses which broker: one small file for each run, locked for as long as the run goes on.
//!
//! A shared broker outlives a run, and so does whatever the run leaves there. The file says what to look for and where,
//! and its lock says whether anybody is still at work: the system frees it with the process, however that ends. So
//! whoever can lock the file of another run knows that this run is over, and may clean up after it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::foreign::visible;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A file is a few hundred bytes; nothing longer is ours.
const LONGEST: u64 = 64 * 1024;
/// For how many seconds the file of a run is kept whose broker was not seen again. Its leftovers are gone with the broker,
/// or go by their age.
const FORGOTTEN_AFTER: i64 = 7 * 24 * 3600;

/// A run that uses, or has used, a shared broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// In the name of every topic and group that the run makes.
    pub id: String,
    pub process: u32,
    /// What the broker was asked for at: `HOST:PORT`.
    pub address: String,
    /// The command line's words, without the path of the program.
    pub command: String,
    /// Seconds since 1970.
    pub since: i64,
}

/// "`kafkacourse check ex1` (process 1234, since 15:02)".
impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = Timestamp::from_second(self.since).unwrap_or_default();
        let since = since.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string();
        write!(f, "`kafkacourse {}` (process {}, since {since})", visible(&self.command), self.process)
    }
}

/// The lease of a running run. Dropping it frees the lock and leaves the file, for the next run to clean up after this
/// one; [`Lease::end`] removes it.
#[derive(Debug)]
pub(super) struct Lease {
    pub user: User,
    /// `None` where it could not be written. Then leftovers of this run go by their age only.
    file: Option<(PathBuf, File)>,
}

impl Lease {
    pub fn begin(address: &str) -> Self {
        let command: Vec<String> = std::env::args().skip(1).take(6).collect();
        let user = User {
            id: format!("{:016x}", rand::random::<u64>()),
            process: std::process::id(),
            address: address.to_owned(),
            command: command.join(" ").chars().take(80).collect(),
            since: Timestamp::now().as_second(),
        };
        let file = folder().and_then(|folder| write(&folder, &user)).ok();
        Self { user, file }
    }

    /// Nothing is left on the broker.
    pub fn end(self) {
        if let Some((path, _locked)) = self.file {
            fs::remove_file(path).ok();
        }
    }
}

/// The lease of a run that is over, held by whoever cleans up after it.
#[derive(Debug)]
pub(super) struct Over {
    pub user: User,
    path: PathBuf,
    _locked: File,
}

impl Over {
    /// Nothing is left of it.
    pub fn forget(self) {
        fs::remove_file(self.path).ok();
    }
}

/// Every run of this user on this machine that is at work on the broker at `address`.
pub fn users(address: &str) -> Vec<User> {
    let files = folder().map(|folder| files(&folder, "run")).unwrap_or_default();
    let in_use = files.iter().filter_map(|path| Some((path, OpenOptions::new().read(true).open(path).ok()?)));
    let in_use = in_use.filter(|(_, file)| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)));
    in_use.filter_map(|(path, _)| read(path)).filter(|user| user.address == address).collect()
}

/// Every run that is over and may have left something on the broker at `address`. Runs that somebody else is cleaning up
/// after are not among them.
pub(super) fn over(address: &str) -> Vec<Over> {
    let Ok(folder) = folder() else { return Vec::new() };
    let ended = files(&folder, "run").into_iter().chain(files(&folder, "over")).filter_map(|path| {
        let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        file.try_lock().ok()?;
        // Not a run any more, for whoever asks who uses the broker while we hold the lock.
        let renamed = path.with_extension("over");
        fs::rename(&path, &renamed).ok()?;
        let Some(user) = read(&renamed) else {
            fs::remove_file(&renamed).ok();
            return None;
        };
        Some(Over { user, path: renamed, _locked: file })
    });
    let (here, elsewhere): (Vec<_>, Vec<_>) = ended.partition(|over| over.user.address == address);
    let old = Timestamp::now().as_second() - FORGOTTEN_AFTER;
    elsewhere.into_iter().filter(|over| over.user.since < old).for_each(Over::forget);
    here
}

/// Written under another name and locked before it can be found: a file without a lock is a run that is over.
fn write(folder: &Path, user: &User) -> io::Result<(PathBuf, File)> {
    let (new, path) = (folder.join(format!("{}.new", user.id)), folder.join(format!("{}.run", user.id)));
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?;
    file.try_lock()?;
    file.write_all(&serde_json::to_vec(user)?)?;
    fs::rename(&new, &path)?;
    Ok((path, file))
}

fn read(path: &Path) -> Option<User> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    // Not what somebody else put there: a FIFO would never open.
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// The folder of all leases of this user.
fn folder() -> io::Result<PathBuf> {
    let folder = super::runtime_folder().join(format!("kafkacourse-{}-brokers", rustix::process::getuid().as_raw()));
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_at_work_until_its_lock_is_free() {
        let address = format!("lease-test-{}:1", std::process::id());
        let (running, ended) = (Lease::begin(&address), Lease::begin(&address));
        let tidy = Lease::begin(&address);
        assert_eq!(users(&address).len(), 3);
        assert_eq!(users("lease-test:2"), []);
        assert!(over(&address).is_empty());

        tidy.end();
        let left = ended.user.clone();
        drop(ended); // as the end of its process would
        assert_eq!(users(&address), std::slice::from_ref(&running.user));
        let cleaning = over(&address);
        assert_eq!(cleaning.iter().map(|over| &over.user).collect::<Vec<_>>(), [&left]);
        assert!(over(&address).is_empty(), "somebody is at it");
        drop(cleaning); // without success
        let cleaning = over(&address);
        assert_eq!(cleaning.len(), 1);
        cleaning.into_iter().for_each(Over::forget);
        assert!(over(&address).is_empty());
        running.end();
        assert_eq!(users(&address), []);
    }

    #[test]
    fn a_file_that_is_no_lease_is_removed() {
        let path = folder().unwrap().join(format!("{:016x}.over", rand::random::<u64>()));
        fs::write(&path, "{}").unwrap();
        assert!(over("lease-test:3").is_empty());
        assert!(!path.exists());
    }
}
