//! A tool of ours, such as cargo: it ends with the grader, with the processes of its group.

use super::message::Reach;
use super::supervised::{Ready, Started};
use crate::evidence::Ended;
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

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Nobody knows how it ended.
    pub async fn wait(self) -> io::Result<ExitStatus> {
        match self.started.ended().await {
            Some(Ended::Code(code)) => Ok(ExitStatus::from_raw(code << 8)),
            Some(Ended::Signal(signal)) => Ok(ExitStatus::from_raw(signal)),
            None => Err(io::Error::other("the process that watches over it was killed")),
        }
    }
}
