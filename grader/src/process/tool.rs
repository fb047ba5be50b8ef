//! A tool of ours, such as cargo: it ends with the grader, with the processes of its group.

use super::reach::Reach;
use super::supervised::{Ready, Started};
use crate::evidence::Ended;
use crate::sandbox::{Confinement, End, Plan};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use tokio::process::{ChildStderr, ChildStdout};

/// A tool that runs. Dropping it ends it, and what it has started, but not a daemon that is meant to outlive it, such as
/// a compiler's cache.
pub struct Tool {
    started: Started,
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
}

impl Tool {
    /// Starts `command` with its arguments, folder and environment. Its standard input is empty, its output goes into
    /// pipes.
    ///
    /// # Errors
    /// What the system says: there is no such program, say.
    pub async fn start(command: &Command) -> io::Result<Tool> {
        let mut ready = Ready::new(command, Reach::Group).await?;
        let (stdout, stderr) = (ready.stdout.take(), ready.stderr.take());
        Ok(Tool { started: ready.start()?, stdout, stderr })
    }

    /// Starts `command` in a cell: it gets its arguments, and of its environment only what has been set. It runs in its
    /// folder, if `confinement` shows that, else in the first that it may write into. What it prints is not bounded:
    /// read so much of it as makes sense, then drop the tool.
    ///
    /// # Errors
    /// What the system says: there is no such program, or no cell can be built.
    pub async fn confined(command: &Command, confinement: &Confinement) -> io::Result<Tool> {
        let (mut ready, _) = Ready::confined(&Plan::new(command, confinement, 0)).await?;
        let (stdout, stderr) = (ready.stdout.take(), ready.stderr.take());
        Ok(Tool { started: ready.start()?, stdout, stderr })
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Nobody knows how it ended.
    pub async fn wait(self) -> io::Result<ExitStatus> {
        Ok(match self.ended().await?.how {
            Ended::Code(code) => ExitStatus::from_raw(code << 8),
            Ended::Signal(signal) => ExitStatus::from_raw(signal),
        })
    }

    /// Waits until it has ended, and says which of its bounds it ran into.
    ///
    /// # Errors
    /// Nobody knows how it ended.
    pub async fn ended(self) -> io::Result<End> {
        self.started.ended().await.ok_or_else(|| io::Error::other("the process that watches over it was killed"))
    }
}
