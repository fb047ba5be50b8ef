//! The child's side of the embedded broker: what the hidden command `kafkacourse __broker` runs.
//!
//! Why a process of its own? librdkafka's test cluster ends the whole process when it meets something that it did not
//! expect, such as two assignors in one group. Here that ends one broker of one scenario, and the grader reports it.
//!
//! The child speaks lines. On standard output first where it listens, then one answer to each command:
//!
//! ```text
//! → {"bootstrap":"127.0.0.1:40123"}
//! ← topic orders 3
//! → ok
//! ```
//!
//! It ends with its standard input. The pipe closes however the grader ends, so nothing is left over after `kill -9`.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::broker::ffi::{TestCluster, TestClusterError};

/// The first argument that makes this program an embedded broker.
pub const ARGUMENT: &str = "__broker";

/// How long a silent member of a `group.protocol=consumer` group stays a member: long, because a machine that stands
/// still for some seconds must not cost a member its partitions. Nothing waits for it, because the grader itself ends the
/// sessions of those that it has killed. The container uses the same values, so that scenarios run at the same pace.
pub const GROUP_SESSION_MS: i32 = 30_000;
/// How often such members report.
pub const GROUP_HEARTBEAT_MS: i32 = 500;

/// The child's first line.
#[derive(Serialize, Deserialize)]
pub struct Ready {
    pub bootstrap: String,
}

/// Serves until standard input ends. The exit code matters only to somebody who runs it by hand.
pub fn serve_embedded() -> ExitCode {
    leave_no_core_file();
    leave_signals_to_the_parent();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut io::stderr(), &error.to_string()).ok();
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ChildError {
    #[error(transparent)]
    Cluster(#[from] TestClusterError),
    #[error("the pipe to the grader: {0}")]
    Pipe(#[from] io::Error),
}

fn run() -> Result<(), ChildError> {
    let cluster = TestCluster::start()?;
    cluster.hurry_groups(GROUP_SESSION_MS, GROUP_HEARTBEAT_MS);
    let mut out = io::stdout();
    let ready = serde_json::to_string(&Ready { bootstrap: cluster.bootstrap() }).map_err(io::Error::from)?;
    say(&mut out, &ready)?;
    for line in io::stdin().lock().lines() {
        say(&mut out, &answer(&cluster, &line?))?;
    }
    // The process ends here: a tidy shutdown of the cluster would only take time.
    std::mem::forget(cluster);
    Ok(())
}

/// Not `println!`, which panics where the reader is gone.
fn say(out: &mut impl Write, line: &str) -> io::Result<()> {
    writeln!(out, "{line}")?;
    out.flush()
}

fn answer(cluster: &TestCluster, line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["topic", name, partitions] = words.as_slice() else {
        return format!("error {line:?} is no command of the embedded broker");
    };
    let Ok(partitions) = partitions.parse::<i32>() else {
        return format!("error {partitions:?} is no number of partitions");
    };
    match cluster.create_topic(name, partitions) {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("error {error}"),
    }
}

/// An abort would otherwise leave a core file of many megabytes in the learner's folder.
fn leave_no_core_file() {
    // Where the limit cannot be set, the broker works all the same.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Ctrl-C at a terminal reaches whole groups of processes; when the broker ends is the grader's decision.
fn leave_signals_to_the_parent() {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Where the handler cannot be set, Ctrl-C still does not arrive: the child has a process group of its own.
        signal_hook::flag::register(signal, Arc::default()).ok();
    }
}

#[cfg(test)]
mod tests {
    /// The unit tests' own executable as the child: the grader starts `current_exe() __broker`, which the test runner
    /// reads as "run the tests whose name holds __broker". It does nothing unless the parent's mark is there.
    #[test]
    fn __broker() {
        if std::env::var_os(crate::broker::embedded::TEST_MARK).is_some() {
            // The runner may have left its line unfinished; it captures `println!`, but not this.
            let _ = super::say(&mut std::io::stdout(), "");
            super::serve_embedded();
        }
    }
}
