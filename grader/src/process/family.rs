//! A process and all that descend from it, as Linux tells in `/proc`. Elsewhere a process has no family.

use std::fs;
use std::time::Duration;

/// A program has a handful of processes. Whoever has more is not looked at to the end.
const MOST: usize = 256;

/// The ids of the processes that `process` has started and that are still its own.
pub fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    children.flat_map(|line| line.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}

/// For how long `ancestor` and its descendants could have run and got no processor, all their threads together
/// (`schedstat` in proc(5), its second number). Threads that have ended no longer count.
pub(super) fn waited_for_processors(ancestor: u32) -> Duration {
    let mut family = vec![ancestor];
    let mut waited = Duration::ZERO;
    let mut at = 0;
    while let Some(process) = family.get(at).copied().filter(|_| at < MOST) {
        family.extend(children(process));
        let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let times = threads.filter_map(|thread| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().nth(1)?.parse::<u64>().ok()
        });
        waited += Duration::from_nanos(times.sum());
        at += 1;
    }
    waited
}
