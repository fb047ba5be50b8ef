//! What processes take up, where no control group bounds it: whoever looks now and then sees all but a short moment.

use super::confinement::{Bounds, Exceeded};
use std::fs;

/// What some processes take up together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Footprint {
    /// Bytes of memory; of what several share, each has its part, where the kernel tells it.
    memory: u64,
    /// Processes and threads.
    processes: u64,
}

impl Footprint {
    /// That of all that descend from the process `ancestor`, without itself.
    pub fn of_descendants(ancestor: u32) -> Footprint {
        let (mut footprint, mut open) = (Footprint::default(), children(ancestor).1);
        while let Some(id) = open.pop() {
            let (threads, more) = children(id);
            footprint.memory += memory(id).unwrap_or(0);
            footprint.processes += threads;
            open.extend(more);
        }
        footprint
    }

    /// The bound that they are beyond.
    pub fn exceeded(&self, bounds: &Bounds) -> Option<Exceeded> {
        // The kernel's own limit keeps them from having more; the first process of the cell counts there.
        if self.processes + 1 >= bounds.processes {
            return Some(Exceeded::Processes);
        }
        (self.memory > bounds.memory).then_some(Exceeded::Memory)
    }
}

/// Bytes of memory of a process.
fn memory(process: u32) -> Option<u64> {
    if let Ok(parts) = fs::read_to_string(format!("/proc/{process}/smaps_rollup")) {
        let kib = parts.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB"));
        return Some(kib?.trim().parse::<u64>().ok()? << 10);
    }
    let pages = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    Some(pages.split(' ').nth(1)?.parse::<u64>().ok()? * rustix::param::page_size() as u64)
}

/// How many threads a process has, and the children of all of them.
fn children(process: u32) -> (u64, Vec<u32>) {
    let threads: Vec<_> = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten().collect();
    let lines = threads.iter().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children = lines.flat_map(|line| line.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>());
    (threads.len() as u64, children.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_takes_up_too_much_is_seen() {
        let bounds = Bounds { memory: 1_000, processes: 10, ..Bounds::of_program() };
        assert_eq!(Footprint { memory: 1_000, processes: 8 }.exceeded(&bounds), None);
        assert_eq!(Footprint { memory: 1_001, processes: 8 }.exceeded(&bounds), Some(Exceeded::Memory));
        assert_eq!(Footprint { memory: 1_000, processes: 9 }.exceeded(&bounds), Some(Exceeded::Processes));
    }

    #[test]
    fn children_count_and_the_ancestor_does_not() {
        let mut child = std::process::Command::new("sleep").arg("300").spawn().expect("a child");
        let footprint = Footprint::of_descendants(std::process::id());
        assert!(footprint.processes >= 1 && footprint.memory > 0, "{footprint:?}");
        assert_eq!(Footprint::of_descendants(child.id()), Footprint::default());
        child.kill().expect("it is there");
        child.wait().expect("it ends");
    }
}
