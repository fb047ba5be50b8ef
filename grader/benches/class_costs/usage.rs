//! What a command costs: seconds, seconds of processors, memory.

use anyhow::{Context as _, Result};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// Between two looks at the memory of the command.
const LOOK: Duration = Duration::from_millis(200);

pub struct Cost {
    pub seconds: f64,
    /// Of the command and all that it has started and waited for.
    pub processors: f64,
    /// Of these, the command's own.
    pub own: f64,
    /// The command's own, at most, in MiB.
    pub memory: f64,
    pub status: ExitStatus,
}

/// Runs a command to its end.
pub fn cost(command: &mut Command) -> Result<Cost> {
    let before = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let began = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
    let (mut memory, mut own) = (0.0f64, 0.0f64);
    let status = loop {
        memory = memory.max(peak(child.id()).unwrap_or_default());
        own = processors_of(child.id()).unwrap_or(own);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(LOOK),
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let processors = processors(&getrusage(UsageWho::RUSAGE_CHILDREN)?) - processors(&before);
    Ok(Cost { seconds, processors, own, memory, status })
}

fn processors(usage: &Usage) -> f64 {
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

/// The most memory that a process has held so far, in MiB.
fn peak(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}

/// Seconds of processors that a process itself has used so far.
fn processors_of(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |position: usize| fields.get(position)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
