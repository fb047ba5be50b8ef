//! The end of everything that a program has started, in its group or outside of it.

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// A process that even SIGKILL does not end within this time waits for a device, and nobody can help that.
pub(super) const LIMIT: Duration = Duration::from_millis(1_500);

/// Becomes the one to whom orphaned descendants are given, however they left their parents: a daemon that has forked
/// twice, begun a session of its own and cleared its environment is a child of ours then. Other systems than Linux know
/// nothing like it.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).ok();
}

/// Kills all descendants of this process, and returns when none is left.
pub(super) fn end_descendants() {
    let began = Instant::now();
    while has_children() && began.elapsed() < LIMIT {
        // Whoever is killed may have started another one just before: look again until nobody is left.
        descendants(std::process::id()).into_iter().filter_map(|id| Pid::from_raw(id as i32)).for_each(|id| {
            kill_process(id, Signal::KILL).ok();
        });
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Buries the dead, and says whether a child is left.
fn has_children() -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// The ids of the children of `ancestor`, of their children, and so on, as `/proc` has them.
fn descendants(ancestor: u32) -> HashSet<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        if let Some(id) = id
            && let Some(parent) = parent(&entry.path())
        {
            children.entry(parent).or_default().push(id);
        }
    }
    let (mut found, mut open) = (HashSet::new(), vec![ancestor]);
    while let Some(id) = open.pop() {
        open.extend(children.get(&id).into_iter().flatten().filter(|child| found.insert(**child)));
    }
    found
}

/// The parent of the process of this folder of `/proc`: the second field behind its name, which may hold anything.
fn parent(process: &Path) -> Option<u32> {
    let stat = std::fs::read(process.join("stat")).ok()?;
    let behind_name = stat.rsplit(|byte| *byte == b')').next()?;
    std::str::from_utf8(behind_name).ok()?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    #[cfg(target_os = "linux")]
    fn children_of_children_are_found() {
        // It says so when its own child is there, and both wait for nothing that could happen.
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 300 & echo $!; wait"]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a shell");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        said.read_line(&mut line).expect("the grandchild's id");
        let (own, grandchild) = (child.id(), line.trim().parse::<u32>().expect("an id"));
        assert_eq!(parent(Path::new(&format!("/proc/{grandchild}"))), Some(own));
        assert_eq!(descendants(own), HashSet::from([grandchild]));
        assert!(descendants(std::process::id()).is_superset(&HashSet::from([own, grandchild])));
        kill_process(Pid::from_raw(grandchild as i32).expect("an id"), Signal::KILL).expect("it is there");
        child.wait().expect("it ends");
    }
}
