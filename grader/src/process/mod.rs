//! Processes: start one with what it needs, read what it prints, end it with everything that it has started.

mod confiner;
mod descendants;
pub mod family;
mod folder;
mod lines;
mod reach;
mod reaper;
mod shortage;
mod supervised;
mod supervisor;
mod suspension;
mod sweep;
mod tool;

pub use confiner::serve_confiner;
pub use folder::PREFIX;
pub use reaper::{ARGUMENT as REAPER, Reaper, serve_reaper};
pub use shortage::{TooFewDescriptors, remedy, scenarios_at_once};
pub use supervisor::{ARGUMENT as SUPERVISOR, serve_supervisor};
pub use suspension::Stretch;
pub use tool::Tool;

use crate::evidence::{Ended, Stream, What};
use crate::recorder::{Ending, Recorder};
use crate::sandbox::{Bounds, Confinement, End, Plan};
use reach::Reach;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use supervised::Ready;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What to run: a built program, or a command line of the learner's.
#[derive(Debug, Clone)]
pub enum Program {
    Built(PathBuf),
    /// Given to `sh -c`, as typed.
    Command(String),
    /// A program of ours, in the part that the argument names.
    Part(PathBuf, &'static str),
}

impl Program {
    fn command(&self) -> Command {
        match self {
            Program::Built(path) => Command::new(path),
            Program::Part(path, part) => {
                let mut command = Command::new(path);
                command.arg(part);
                command
            }
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

/// A program whose supervisor waits for the word to start it. Dropping it ends that.
pub struct Prepared {
    ready: Ready,
    bounds: Option<Bounds>,
    /// Listeners in the network of a confined program, on the ports from [`FIRST_PORT`](crate::sandbox::FIRST_PORT) on.
    pub listeners: Vec<TcpListener>,
}

impl Prepared {
    /// `program`, which will run in `folder` with `environment` added to ours.
    ///
    /// # Errors
    /// There is no such folder, or no more processes, or descriptors.
    pub async fn free(
        program: &Program,
        folder: &Path,
        environment: &BTreeMap<String, OsString>,
    ) -> io::Result<Prepared> {
        let mut command = program.command();
        command.current_dir(folder).envs(environment);
        let ready = Ready::new(&command, Reach::Everything).await?;
        Ok(Prepared { ready, bounds: None, listeners: Vec::new() })
    }

    /// `program`, which will run with nothing but `environment` in a cell of its own that has `listeners` listeners: in
    /// `folder`, if `confinement` shows that, else in the first folder that it may write into.
    ///
    /// # Errors
    /// The cell cannot be built.
    pub async fn confined(
        program: &Program,
        folder: &Path,
        environment: &BTreeMap<String, OsString>,
        confinement: &Confinement,
        listeners: u16,
    ) -> io::Result<Prepared> {
        let mut command = program.command();
        command.current_dir(folder).envs(environment);
        let mut plan = Plan::new(&command, confinement, listeners);
        if let Program::Built(path) = program {
            plan.confinement.readable.push(path.clone());
        }
        let (ready, listeners) = Ready::confined(&plan).await?;
        Ok(Prepared { ready, bounds: Some(confinement.bounds), listeners })
    }
}

/// A process of a role, the leader of a group of its own. Dropping it kills the whole group.
pub struct Process {
    group: Pid,
    ancestor: u32,
    ended: watch::Receiver<bool>,
    watcher: JoinHandle<()>,
    reaper: Arc<Reaper>,
}

impl Process {
    /// Starts the program that was `prepared` as `role`, its `run`th process.
    ///
    /// # Errors
    /// The program cannot be started: it is not there, say.
    pub async fn start(
        prepared: Prepared,
        recorder: &Arc<Recorder>,
        (role, run): (&str, u32),
        reaper: &Arc<Reaper>,
    ) -> io::Result<Process> {
        let Prepared { mut ready, bounds, .. } = prepared;
        let pipes = (ready.stdout.take(), ready.stderr.take());
        let spawn = || {
            let started = ready.start()?;
            let pid = id(started.group);
            reaper.watch(pid, started.leash()?);
            Ok((started, pid))
        };
        let started = recorder.starting((role, run), spawn, |started| {
            let group = started.group;
            Box::new(move |ending| {
                let signal = match ending {
                    Ending::Asked => Signal::TERM,
                    Ending::Killed => Signal::KILL,
                };
                kill_process_group(group, signal).ok();
            })
        })?;
        let (group, ancestor) = (started.group, started.supervisor_id());
        let readers = [
            pipes.0.map(|out| lines::record(out, Stream::Stdout, recorder.clone(), role.to_owned())),
            pipes.1.map(|out| lines::record(out, Stream::Stderr, recorder.clone(), role.to_owned())),
        ];
        let (tell, ended) = watch::channel(false);
        let (recorder, role) = (recorder.clone(), role.to_owned());
        let watcher = tokio::spawn(async move {
            let end = started.ended().await;
            for reader in readers.into_iter().flatten() {
                tokio::time::timeout(lines::LAST_WORDS, reader).await.ok();
            }
            if end.is_none() {
                recorder.record(Some(&role), What::GraderFault { what: supervised::KILLED.to_owned() });
            }
            let killed = End { how: Ended::Signal(Signal::KILL.as_raw()), exceeded: None };
            let End { how, exceeded } = end.unwrap_or(killed);
            if let (Some(exceeded), Some(bounds)) = (exceeded, bounds) {
                recorder.reach(exceeded.limit(&bounds));
            }
            recorder.record(Some(&role), What::Exited { run, how });
            tell.send_replace(true);
        });
        Ok(Process { group, ancestor, ended, watcher, reaper: reaper.clone() })
    }

    /// The id of the process from which all of the program's descend, whatever they do to leave it.
    pub fn ancestor(&self) -> u32 {
        self.ancestor
    }

    /// For how long the program's threads could have run and got no processor, all together.
    pub fn waited_for_processors(&self) -> Duration {
        family::waited_for_processors(self.ancestor)
    }

    /// SIGTERM to the whole group: a shell in front of the program does not keep it from being asked.
    pub fn stop(&self) {
        kill_process_group(self.group, Signal::TERM).ok();
    }

    /// SIGKILL to the whole group.
    pub fn kill(&self) {
        kill_process_group(self.group, Signal::KILL).ok();
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
        if self.has_ended() {
            self.reaper.forget(id(self.group));
        } else {
            self.kill();
            self.watcher.abort();
            self.reaper.end(id(self.group));
        }
    }
}

fn id(group: Pid) -> u32 {
    group.as_raw_nonzero().get().unsigned_abs()
}
