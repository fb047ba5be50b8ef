//! Nothing outlives the grader, even when it is killed with SIGKILL and can do nothing itself.
//!
//! The reaper is a child of ours that knows which process groups and folders exist. Its standard input is a pipe from
//! us; when that closes, however we ended, it kills the groups, sweeps up who left them, and removes the folders.

use super::sweep;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// The grader's end of the pipe. Dropping it lets the reaper do its work and end.
pub struct Reaper {
    child: Mutex<(Child, Option<ChildStdin>)>,
    mark: String,
    marked: AtomicU32,
}

impl Reaper {
    /// Starts the reaper.
    ///
    /// # Errors
    /// Our own binary cannot be started a second time.
    pub fn start() -> io::Result<Reaper> {
        let ourselves = match std::env::var_os("KAFKACOURSE_SELF") {
            Some(path) => path.into(),
            None => std::env::current_exe()?,
        };
        let mut child = Command::new(ourselves)
            .arg("__reaper")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C in the terminal is for us; the reaper acts after us
            .spawn()?;
        let pipe = child.stdin.take();
        let reaper = Reaper { child: Mutex::new((child, pipe)), mark: sweep::mark(), marked: AtomicU32::new(0) };
        reaper.say(&format!("mark {}", reaper.mark));
        Ok(reaper)
    }

    /// A mark for a process. Whatever bears one of ours ends with us, whichever group it is in.
    pub(super) fn mark(&self) -> String {
        format!("{}-{}.", self.mark, self.marked.fetch_add(1, Ordering::Relaxed))
    }

    fn say(&self, line: &str) {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(pipe) = &mut child.1 {
            writeln!(pipe, "{line}").ok();
        }
    }

    /// This process group ends with us.
    pub fn watch(&self, group: u32) {
        self.say(&format!("group {group}"));
    }

    /// The group is gone; its number may belong to somebody else soon.
    pub fn forget(&self, group: u32) {
        self.say(&format!("gone {group}"));
    }

    /// This temporary folder ends with us.
    pub fn folder(&self, folder: &Path) {
        self.say(&format!("folder {}", folder.display()));
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        child.1 = None;
        child.0.wait().ok();
    }
}

/// What `kafkacourse __reaper` runs.
pub fn serve_reaper() {
    let (mut groups, mut folders, mut marks) = (HashSet::new(), HashSet::new(), HashSet::new());
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("group", id)) => drop(id.parse::<i32>().map(|id| groups.insert(id))),
            Some(("gone", id)) => drop(id.parse::<i32>().map(|id| groups.remove(&id))),
            Some(("mark", mark)) => drop(marks.insert(mark.to_owned())),
            Some(("folder", path)) => drop(folders.insert(path.to_owned())),
            _ => {}
        }
    }
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        kill_process_group(group, Signal::KILL).ok();
    }
    marks.iter().for_each(|mark| sweep::sweep(mark));
    for folder in folders {
        std::fs::remove_dir_all(folder).ok();
    }
}
