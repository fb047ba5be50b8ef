//! What a program has left behind, where somebody has killed its supervisor.
//!
//! Whatever it started still has the environment that it got, unless it has cleared it, and in it a mark that no other
//! process has. Where there is no `/proc` (macOS) nobody can look.

use rand::RngExt;

/// The environment variable of every program that we start, inherited by whatever it starts.
pub(super) const MARK: &str = "KAFKACOURSE_MARK";

/// A mark that nobody else has.
pub(super) fn mark() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// Kills every process that bears `mark`.
#[cfg(target_os = "linux")]
pub(super) fn sweep(mark: &str) {
    let began = std::time::Instant::now();
    let ended =
        || std::fs::read_dir("/proc").into_iter().flatten().flatten().filter(|it| end(&it.path(), mark)).count();
    // Who is killed may have started another one just before.
    while ended() > 0 && began.elapsed() < super::descendants::LIMIT {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn sweep(_mark: &str) {}

/// Kills the process of this folder of `/proc` if it bears the mark; false as well where it is dead already.
#[cfg(target_os = "linux")]
fn end(process: &std::path::Path, mark: &str) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    let id = process.file_name().and_then(|name| name.to_str()?.parse().ok()).and_then(Pid::from_raw);
    let marked = format!("{MARK}={mark}");
    // Of the dead, and of other users' processes, it cannot be read or is empty.
    let Ok(environment) = std::fs::read(process.join("environ")) else { return false };
    let bears = environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(marked.as_bytes()));
    bears && id.is_some_and(|id| kill_process(id, Signal::KILL).is_ok())
}
