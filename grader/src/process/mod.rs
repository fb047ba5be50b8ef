//! Processes: start one with what it needs, read what it prints, end it with all its children.

mod lines;
mod reaper;
mod sweep;

pub use reaper::{Reaper, serve_reaper};

use crate::evidence::{Ended, Ending, Recorder, Stream, What};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What to run: a built program, or a command line of the learner's.
#[derive(Debug, Clone)]
pub enum Program {
    Built(PathBuf),
    /// Given to `sh -c`, as typed.
    Command(String),
}

impl Program {
    fn command(&self) -> Command {
        match self {
            Program::Built(path) => Command::new(path),
            Program::Command(line) => {
                let mut command = Command::new("sh");
                // SIGTERM goes to the whole group. The shell that waits for the program must not die of it first, or
                // the program would be taken for what an ended process left behind. A trap keeps the shell waiting,
                // and its children do not inherit it.
                command.arg("-c").arg(format!("trap : TERM\n{line}"));
                command
            }
        }
    }
}

/// A process of a role, the leader of a group of its own. Dropping it kills the whole group.
pub struct Process {
    group: Pid,
    ended: watch::Receiver<bool>,
    watcher: JoinHandle<()>,
    reaper: Arc<Reaper>,
}

impl Process {
    /// Starts `program` as `role`, its `run`th process, in `folder` with `environment` added to ours.
    ///
    /// # Errors
    /// The program cannot be started: it is not there, say.
    pub fn start(
        program: &Program,
        recorder: &Arc<Recorder>,
        (role, run): (&str, u32),
        folder: &Path,
        environment: &BTreeMap<String, String>,
        reaper: &Arc<Reaper>,
    ) -> io::Result<Process> {
        let mark = reaper.mark();
        let spawn = || {
            let child = program
                .command()
                .current_dir(folder)
                .envs(environment)
                .env(sweep::MARK, &mark)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .process_group(0)
                .spawn()?;
            let pid = child.id().ok_or_else(|| io::Error::other("it ended before it began"))?;
            let group = Pid::from_raw(pid as i32).ok_or_else(|| io::Error::other("no process id"))?;
            reaper.watch(pid);
            Ok(((child, group), pid))
        };
        let (mut child, group) = recorder.starting((role, run), spawn, |(_, group)| {
            let group = *group;
            Box::new(move |ending| {
                let signal = match ending {
                    Ending::Asked => Signal::TERM,
                    Ending::Killed => Signal::KILL,
                };
                kill_process_group(group, signal).ok();
            })
        })?;
        let readers = [
            child.stdout.take().map(|out| lines::record(out, Stream::Stdout, recorder.clone(), role.to_owned())),
            child.stderr.take().map(|out| lines::record(out, Stream::Stderr, recorder.clone(), role.to_owned())),
        ];
        let (tell, ended) = watch::channel(false);
        let (recorder, role) = (recorder.clone(), role.to_owned());
        let watcher = tokio::spawn(async move {
            let status = child.wait().await;
            // Whatever it left behind goes with it: a grandchild would hold its pipes and connections open.
            kill_process_group(group, Signal::KILL).ok();
            tokio::task::spawn_blocking(move || sweep::sweep(&mark)).await.ok();
            for reader in readers.into_iter().flatten() {
                tokio::time::timeout(lines::LAST_WORDS, reader).await.ok();
            }
            let how = match status {
                Ok(status) => match (status.code(), status.signal()) {
                    (Some(code), _) => Ended::Code(code),
                    (None, signal) => Ended::Signal(signal.unwrap_or(0)),
                },
                Err(_) => Ended::Signal(0),
            };
            recorder.record(Some(&role), What::Exited { run, how });
            tell.send_replace(true);
        });
        Ok(Process { group, ended, watcher, reaper: reaper.clone() })
    }

    /// SIGTERM to the whole group: a shell in front of the program does not keep it from being asked.
    pub fn stop(&self) {
        kill_process_group(self.group, Signal::TERM).ok();
    }

    /// SIGKILL to the whole group.
    pub fn kill(&self) {
        kill_process_group(self.group, Signal::KILL).ok();
    }

    /// Becomes true when it has ended and its end is recorded.
    pub fn end(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }

    /// Has it ended?
    pub fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    /// Waits until it has ended and its end is recorded.
    pub async fn ended(&self) {
        let mut ended = self.ended.clone();
        ended.wait_for(|ended| *ended).await.ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill();
            self.watcher.abort();
        }
        self.reaper.forget(self.group.as_raw_nonzero().get() as u32);
    }
}
