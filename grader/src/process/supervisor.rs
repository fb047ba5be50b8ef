//! What the hidden command `kafkacourse __supervise` runs: the parent of one program, which leaves nothing of it behind.
//!
//! Orphans of the program become its children, so that it finds and ends them whatever group, session and environment
//! they have given themselves. (A namespace of process ids would do so, too, but the program would see other ids than
//! everybody else.) It ends the program when its own standard input closes, and that closes however the grader ends.
//!
//! Its standard input is a socket, on which it speaks with the grader: it is [`Word::Ready`], the grader says [`START`],
//! the program has [`Word::Started`] or could not be started, and in the end, when nothing is left of it,
//! [`Word::Ended`].

use super::descendants::{adopt_orphans, end_descendants};
use super::reach::Reach;
use super::sweep;
use crate::evidence::Ended;
use crate::sandbox::{START, Word, say};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, wait};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver};

/// The first argument that makes this program a supervisor. What ends with the program, its mark, the
/// program and its arguments follow.
pub const ARGUMENT: &str = "__supervise";

/// Starts the program that the arguments name, and returns when it has ended with everything that it has started. None
/// where they name none.
pub fn serve_supervisor(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let (reach, mark, program) = (arguments.next()?, arguments.next()?, arguments.next()?);
    if reach == Reach::Everything.argument() {
        adopt_orphans();
    }
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let mut command = Command::new(program);
    command.args(arguments).env(sweep::MARK, mark).stdin(Stdio::null()).process_group(0);
    serve(&socket, &mut command).ok();
    Some(ExitCode::SUCCESS)
}

fn serve(mut socket: &UnixStream, command: &mut Command) -> io::Result<()> {
    say(socket, &Word::Ready)?;
    socket.read_exact(&mut [0; START.len()])?;
    let program = match start(socket, command) {
        Ok(program) => program,
        Err(error) => return say(socket, &Word::NotStarted(error.raw_os_error().unwrap_or(0))),
    };
    // Where the grader has ended meanwhile, the other thread ends the program: this process must outlive it.
    say(socket, &Word::Started(program.as_raw_nonzero().get())).ok();
    let status = wait_for(program);
    end_rest(program);
    let how = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, signal) => Ended::Signal(signal.unwrap_or(0)),
    };
    say(socket, &Word::Ended(how))
}

/// Starts the program. All that can fail comes before it, so that it never runs without the thread that ends it with the
/// grader.
fn start(socket: &UnixStream, command: &mut Command) -> io::Result<Pid> {
    let (watched, null) = (socket.try_clone()?, File::options().write(true).open("/dev/null")?);
    let (tell, started) = mpsc::channel();
    std::thread::Builder::new().spawn(move || end_with_the_grader(watched, &started))?;
    let program = Pid::from_child(&command.spawn()?);
    tell.send(program).ok();
    // The program's pipes are its own: they are to close when the program closes them.
    rustix::stdio::dup2_stdout(&null).ok();
    rustix::stdio::dup2_stderr(&null).ok();
    Ok(program)
}

/// Ends the program's group, and all that have become children of this process.
fn end_rest(program: Pid) {
    kill_process_group(program, Signal::KILL).ok();
    end_descendants();
}

/// Waits for the grader's end of the socket to close, and ends the program if it has been started.
fn end_with_the_grader(mut socket: UnixStream, started: &Receiver<Pid>) {
    while let Ok(1..) = socket.read(&mut [0; 64]) {}
    if let Ok(program) = started.recv() {
        end_rest(program);
        std::process::exit(0);
    }
}

/// Waits until `program` has ended, and buries the orphans that end before it.
fn wait_for(program: Pid) -> WaitStatus {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if ended == program => return status,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // The other thread has buried it, and is about to end this process.
            Err(_) => std::thread::park(),
        }
    }
}
