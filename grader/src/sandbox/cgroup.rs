//! A control group for a cell (`cgroups(7)`): the only thing that bounds the memory of several processes together, and
//! that tells whether they ran into a bound.

use super::confinement::{Bounds, Exceeded};
use super::words::Version;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the names of our groups begin with; the id of the process that has made it follows.
const PREFIX: &str = "kafkacourse-";

/// A group, which is removed when it is dropped; its processes must be gone then.
#[derive(Debug)]
pub(super) struct Cgroup {
    pub version: Version,
    /// The group in the tree of memory, and that in the tree of processes: the same in version 2.
    memory: PathBuf,
    processes: PathBuf,
}

impl Cgroup {
    /// Makes a group with these bounds below that of this process, or beside it; none where we may not.
    pub fn make(bounds: &Bounds) -> Option<Cgroup> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        one(&own, &mounts, bounds).or_else(|| two(&own, &mounts, bounds))
    }

    /// Puts the process `id` into it, and with it whatever that starts from now on.
    pub fn admit(&self, id: u32) -> io::Result<()> {
        fs::write(self.memory.join("cgroup.procs"), id.to_string())?;
        fs::write(self.processes.join("cgroup.procs"), id.to_string())
    }

    /// Which of its bounds those in it have run into, if they have.
    pub fn exceeded(&self) -> Option<Exceeded> {
        let (memory, processes) = match self.version {
            Version::One => ("memory.oom_control", "pids.events"),
            Version::Two => ("memory.events", "pids.events"),
        };
        if counter(&self.memory.join(memory), "oom_kill") > 0 {
            return Some(Exceeded::Memory);
        }
        (counter(&self.processes.join(processes), "max") > 0).then_some(Exceeded::Processes)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        fs::remove_dir(&self.memory).ok();
        fs::remove_dir(&self.processes).ok();
    }
}

/// Version 1: a group in each of two trees.
fn one(own: &str, mounts: &str, bounds: &Bounds) -> Option<Cgroup> {
    let group = |controller: &str| {
        let is_of = |line: &&str| line.split(':').nth(1).is_some_and(|all| all.split(',').any(|one| one == controller));
        let path = own.lines().find(is_of)?.splitn(3, ':').nth(2)?;
        let tree = mounts.lines().find_map(|line| {
            let (mount, (kind, options)) = mount_point(line)?;
            (kind == "cgroup" && options.split(',').any(|option| option == controller)).then_some(mount)
        })?;
        made(&tree.join(path.trim_start_matches('/')))
    };
    let memory = group("memory")?;
    let Some(processes) = group("pids") else {
        fs::remove_dir(memory).ok();
        return None;
    };
    let cgroup = Cgroup { version: Version::One, memory, processes };
    fs::write(cgroup.memory.join("memory.limit_in_bytes"), bounds.memory.to_string()).ok()?;
    // Without this, what does not fit is swapped out. Not every kernel counts swap.
    fs::write(cgroup.memory.join("memory.memsw.limit_in_bytes"), bounds.memory.to_string()).ok();
    fs::write(cgroup.processes.join("pids.max"), bounds.processes.to_string()).ok()?;
    Some(cgroup)
}

/// Version 2: beside the group of this process or above, the nearest that hands both controllers down and is ours.
fn two(own: &str, mounts: &str, bounds: &Bounds) -> Option<Cgroup> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let tree = mounts.lines().find_map(|line| {
        let (mount, (kind, _)) = mount_point(line)?;
        (kind == "cgroup2").then_some(mount)
    })?;
    let own = tree.join(path.trim_start_matches('/'));
    own.ancestors().take_while(|group| group.starts_with(&tree)).find_map(|group| {
        let controllers = fs::read_to_string(group.join("cgroup.subtree_control")).ok()?;
        let has = |name: &str| controllers.split_whitespace().any(|controller| controller == name);
        let memory = (has("memory") && has("pids")).then(|| made(group)).flatten()?;
        let cgroup = Cgroup { version: Version::Two, processes: memory.clone(), memory };
        fs::write(cgroup.memory.join("memory.max"), bounds.memory.to_string()).ok()?;
        fs::write(cgroup.memory.join("memory.swap.max"), "0").ok();
        fs::write(cgroup.memory.join("pids.max"), bounds.processes.to_string()).ok()?;
        Some(cgroup)
    })
}

/// Where this line of `/proc/self/mountinfo` mounts what kind of file system, with which options of its own.
fn mount_point(line: &str) -> Option<(PathBuf, (&str, &str))> {
    let (before, after) = line.split_once(" - ")?;
    let mut after = after.split(' ');
    let (kind, options) = (after.next()?, after.nth(1)?);
    Some((before.split(' ').nth(4)?.into(), (kind, options)))
}

/// A new group below `group`, where we may make one. Groups that killed graders have left there go first.
fn made(group: &Path) -> Option<PathBuf> {
    for left in fs::read_dir(group).ok()?.flatten() {
        let name = left.file_name();
        let of = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        if of.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            fs::remove_dir(left.path()).ok();
        }
    }
    let path = group.join(format!("{PREFIX}{}", std::process::id()));
    fs::create_dir(&path).ok()?;
    Some(path)
}

/// The number behind `name` in a file of lines; 0 where it is not there.
fn counter(path: &Path, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let number = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    number.unwrap_or(0)
}
