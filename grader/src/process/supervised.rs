//! The grader's side of a supervisor: it has a program started, and hears how it ended.

use super::reach::Reach;
use super::{supervisor, sweep};
use crate::ourselves::ourselves;
use crate::sandbox::{End, Plan, START, Word, handover, hear, say};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Write};
use std::net::TcpListener;
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
    socket: UnixStream,
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
        let mark = sweep::mark();
        let mut command = Command::new(ourselves()?);
        command
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
        let mut ready = Ready::spawn(command, mark)?;
        match ready.word().await? {
            Word::Ready => Ok(ready),
            _ => Err(ended_early()),
        }
    }

    /// Starts a supervisor with a cell for the program of `plan`. Returns the cell's listeners, too.
    ///
    /// # Errors
    /// The cell cannot be built on this machine, or there are no more processes, or descriptors.
    pub async fn confined(plan: &Plan) -> io::Result<(Ready, Vec<TcpListener>)> {
        let mut command = Command::new(ourselves()?);
        command.arg(crate::sandbox::SUPERVISOR).env_clear();
        let mut ready = Ready::spawn(command, sweep::mark())?;
        say(&ready.socket, plan)?;
        match ready.word().await? {
            Word::Built(_) => {}
            Word::NotBuilt { doing, errno } => {
                let source = io::Error::from_raw_os_error(errno);
                return Err(io::Error::new(source.kind(), crate::sandbox::NotBuilt { doing, source }));
            }
            _ => return Err(ended_early()),
        }
        ready.socket.set_nonblocking(false)?;
        let listeners = handover::take(&ready.socket)?.into_iter().map(TcpListener::from);
        let listeners = listeners.map(|listener| listener.set_nonblocking(true).map(|()| listener));
        let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
        match listeners.len() == usize::from(plan.listeners) {
            true => Ok((ready, listeners)),
            false => Err(io::Error::other("its sandbox has too few listeners")),
        }
    }

    fn spawn(mut command: Command, mark: String) -> io::Result<Ready> {
        let (socket, theirs) = UnixStream::pair()?;
        socket.set_read_timeout(Some(LIMIT))?;
        socket.set_write_timeout(Some(LIMIT))?;
        let mut supervisor = command
            .arg0("kafkacourse")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // Ctrl-C in the terminal is for us
            .spawn()?;
        let (stdout, stderr) = (supervisor.stdout.take(), supervisor.stderr.take());
        Ok(Ready { supervisor, socket, mark, stdout, stderr })
    }

    /// What the supervisor says first.
    async fn word(&mut self) -> io::Result<Word> {
        match timeout(LIMIT, word(&self.socket)).await {
            Ok(Some(word)) => Ok(word),
            Ok(None) => Err(ended_early()),
            Err(_) => Err(io::Error::other(format!("its supervisor said nothing for {} s", LIMIT.as_secs()))),
        }
    }

    /// Has the program started. It takes the time of a fork, which is waited for here: nothing that the program does
    /// may be recorded before its start is.
    ///
    /// # Errors
    /// What the system says: there is no such program, say.
    pub fn start(self) -> io::Result<Started> {
        let Ready { supervisor, mut socket, mark, .. } = self;
        socket.set_nonblocking(false)?;
        socket.write_all(START)?;
        let answer = hear(&socket).map_err(|error| match error.kind() {
            // The program was quicker than its supervisor's word that it has started.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                sweep::sweep(&mark);
                io::Error::other(KILLED)
            }
            _ => error,
        })?;
        match answer {
            Word::Started(id) if let Some(group) = Pid::from_raw(id) => Ok(Started { supervisor, socket, mark, group }),
            Word::NotStarted(errno) => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(ended_early()),
        }
    }
}

fn ended_early() -> io::Error {
    io::Error::other("its supervisor ended before it began")
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
    pub async fn ended(mut self) -> Option<End> {
        let told = match word(&self.socket).await {
            Some(Word::Ended(how)) => Some(End { how, exceeded: None }),
            Some(Word::Stopped(how, exceeded)) => Some(End { how, exceeded: Some(exceeded) }),
            _ => None,
        };
        if told.is_none() {
            kill_process_group(self.group, Signal::KILL).ok();
            let mark = self.mark.clone();
            tokio::task::spawn_blocking(move || sweep::sweep(&mark)).await.ok();
        }
        self.supervisor.wait().await.ok();
        told
    }
}

/// The next word of a supervisor's; none where it says nothing more.
async fn word(socket: &UnixStream) -> Option<Word> {
    let socket = socket.try_clone().ok()?;
    socket.set_nonblocking(true).ok()?;
    let mut socket = tokio::net::UnixStream::from_std(socket).ok()?;
    let mut length = [0; 4];
    socket.read_exact(&mut length).await.ok()?;
    // A word has some hundred bytes at most.
    let mut text = vec![0; usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| *length < 1 << 16)?];
    socket.read_exact(&mut text).await.ok()?;
    serde_json::from_slice(&text).ok()
}
