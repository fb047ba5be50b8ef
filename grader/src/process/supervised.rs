//! The grader's side of a supervisor: it has a program started, and hears how it ended.

use super::message::{Message, Reach, START};
use super::ourselves::ourselves;
use super::{supervisor, sweep};
use crate::evidence::Ended;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

/// It takes milliseconds; this bounds a machine that is out of memory, not a slow one.
const LIMIT: Duration = Duration::from_secs(10);

/// A supervisor that waits for the word to start its program. Dropping it ends the supervisor.
pub(super) struct Ready {
    supervisor: Child,
    socket: tokio::net::UnixStream,
    mark: String,
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
}

impl Ready {
    /// Starts a supervisor for `program` with its arguments, folder and environment.
    ///
    /// # Errors
    /// There is no such folder, or no more processes, or descriptors.
    pub async fn new(program: &std::process::Command, reach: Reach) -> io::Result<Ready> {
        let (ours, theirs) = UnixStream::pair()?;
        let mark = sweep::mark();
        let mut command = Command::new(ourselves()?);
        command
            .arg0("kafkacourse")
            .args([supervisor::ARGUMENT, reach.argument(), &mark])
            .arg(program.get_program())
            .args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        let mut supervisor = command
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // Ctrl-C in the terminal is for us
            .spawn()?;
        ours.set_nonblocking(true)?;
        let mut socket = tokio::net::UnixStream::from_std(ours)?;
        match timeout(LIMIT, word(&mut socket)).await {
            Ok(Some(Message::Ready)) => {}
            Ok(_) => return Err(io::Error::other("its supervisor ended before it began")),
            Err(_) => return Err(io::Error::other(format!("its supervisor said nothing for {} s", LIMIT.as_secs()))),
        }
        let (stdout, stderr) = (supervisor.stdout.take(), supervisor.stderr.take());
        Ok(Ready { supervisor, socket, mark, stdout, stderr })
    }

    /// Has the program started. It takes the time of a fork, which is waited for here: nothing that the program does
    /// may be recorded before its start is.
    ///
    /// # Errors
    /// What the system says: there is no such program, say.
    pub fn start(self) -> io::Result<Started> {
        let Ready { supervisor, socket, mark, .. } = self;
        let mut socket = socket.into_std()?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(LIMIT))?;
        socket.write_all(START)?;
        let mut answer = [0; Message::BYTES];
        socket.read_exact(&mut answer).map_err(|error| match error.kind() {
            // The program was quicker than its supervisor's word that it has started.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                sweep::sweep(&mark);
                io::Error::other(KILLED)
            }
            _ => error,
        })?;
        match Message::read(answer) {
            Some(Message::Started(id)) if let Some(group) = Pid::from_raw(id) => {
                Ok(Started { supervisor, socket, mark, group })
            }
            Some(Message::Failed(errno)) => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(io::Error::other("its supervisor ended before it began")),
        }
    }
}

/// What is said of a supervisor that ended before its program.
pub(super) const KILLED: &str = "the process that watches over the program was killed";

/// A program that runs under a supervisor.
pub(super) struct Started {
    supervisor: Child,
    socket: UnixStream,
    mark: String,
    /// The program's process id, and that of its group.
    pub group: Pid,
}

impl Started {
    /// The process id of the supervisor; 0 where it has ended already.
    pub fn supervisor_id(&self) -> u32 {
        self.supervisor.id().unwrap_or(0)
    }

    /// The program and everything that it has started end when this is shut down.
    ///
    /// # Errors
    /// There are no more descriptors.
    pub fn leash(&self) -> io::Result<UnixStream> {
        self.socket.try_clone()
    }

    /// Waits until the program has ended, and everything that it has started. None where the supervisor has not told
    /// how: somebody has killed it.
    pub async fn ended(mut self) -> Option<Ended> {
        let told = self.told().await;
        if told.is_none() {
            kill_process_group(self.group, Signal::KILL).ok();
            let mark = self.mark.clone();
            tokio::task::spawn_blocking(move || sweep::sweep(&mark)).await.ok();
        }
        self.supervisor.wait().await.ok();
        told
    }

    async fn told(&mut self) -> Option<Ended> {
        let socket = self.socket.try_clone().ok()?;
        socket.set_nonblocking(true).ok()?;
        match word(&mut tokio::net::UnixStream::from_std(socket).ok()?).await {
            Some(Message::Ended(how)) => Some(how),
            _ => None,
        }
    }
}

/// The next word of a supervisor's; none where it says nothing more.
async fn word(socket: &mut tokio::net::UnixStream) -> Option<Message> {
    let mut bytes = [0; Message::BYTES];
    socket.read_exact(&mut bytes).await.ok()?;
    Message::read(bytes)
}
