//! Nothing outlives the grader, even when it is killed with SIGKILL and can do nothing itself.
//!
//! Programs end with their supervisors, which end with the grader's ends of their sockets. The reaper is a child of ours
//! that knows which temporary folders exist. Its standard input is a pipe from us; when that closes, however we ended,
//! it removes them.

use super::folder::Folder;
use crate::ourselves::ourselves;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long programs may take to end, and folders to be removed, when the grader ends.
const LIMIT: Duration = Duration::from_secs(1);

/// What ends with the grader. Dropping it ends all that is left, and returns when that is done.
pub struct Reaper {
    inner: Mutex<Inner>,
}

struct Inner {
    child: Child,
    pipe: Option<ChildStdin>,
    /// Sockets of the supervisors of programs that run, by the programs' process ids.
    leashes: HashMap<u32, UnixStream>,
    /// Those of programs that are to end, and that nobody has waited for.
    ending: Vec<UnixStream>,
}

impl Reaper {
    /// Starts the reaper.
    ///
    /// # Errors
    /// Our own binary cannot be started a second time.
    pub fn start() -> io::Result<Reaper> {
        let mut child = Command::new(ourselves()?)
            .arg0("kafkacourse")
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C in the terminal is for us; the reaper acts after us
            .spawn()?;
        let pipe = child.stdin.take();
        let inner = Inner { child, pipe, leashes: HashMap::new(), ending: Vec::new() };
        Ok(Reaper { inner: Mutex::new(inner) })
    }

    /// This program ends with us: at the end of its `leash`.
    pub(super) fn watch(&self, program: u32, leash: UnixStream) {
        self.lock().leashes.insert(program, leash);
    }

    /// This program has ended.
    pub(super) fn forget(&self, program: u32) {
        self.lock().leashes.remove(&program);
    }

    /// This program is to end now, which is not waited for.
    pub(super) fn end(&self, program: u32) {
        let mut inner = self.lock();
        if let Some(leash) = inner.leashes.remove(&program) {
            leash.shutdown(Shutdown::Write).ok();
            inner.ending.push(leash);
        }
    }

    /// Waits until the programs that were to end have ended, with all that they had started; at most for [`LIMIT`].
    pub fn settle(&self) {
        let ending = std::mem::take(&mut self.lock().ending);
        await_ends(ending);
    }

    /// This temporary folder, which we have made, ends with us.
    pub fn folder(&self, folder: &Path) {
        // Who cannot look at it could not remove it either.
        let Ok(folder) = Folder::at(folder) else { return };
        if let Some(pipe) = &mut self.lock().pipe {
            pipe.write_all(&folder.bytes()).ok();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        let mut inner = self.lock();
        inner.leashes.values().for_each(|leash| drop(leash.shutdown(Shutdown::Write)));
        let mut ending = std::mem::take(&mut inner.ending);
        ending.extend(inner.leashes.drain().map(|(_, leash)| leash));
        await_ends(ending);
        inner.pipe = None;
        inner.child.wait().ok();
    }
}

/// Waits until the supervisors of these sockets have ended, at most for [`LIMIT`].
fn await_ends(ending: Vec<UnixStream>) {
    let end = Instant::now() + LIMIT;
    for mut leash in ending {
        // A supervisor's end of its socket closes when everything has ended.
        leash.set_nonblocking(false).ok();
        let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        leash.set_read_timeout(Some(left)).ok();
        while let Ok(1..) = leash.read(&mut [0; 16]) {}
    }
}

/// The first argument that makes this program a reaper.
pub const ARGUMENT: &str = "__reaper";

/// What `kafkacourse __reaper` runs.
pub fn serve_reaper() -> ExitCode {
    let mut input = io::stdin().lock();
    let folders: Vec<Folder> = std::iter::from_fn(|| Folder::read(&mut input).ok()).collect();
    let end = Instant::now() + LIMIT;
    for folder in folders {
        // Programs that end at this very moment may still write into it.
        while folder.remove().is_err() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    ExitCode::SUCCESS
}
