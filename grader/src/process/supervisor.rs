//! What the hidden command `kafkacourse __supervise` runs: the parent of one program, which leaves nothing of it behind.
//!
//! Orphans of the program become its children, so that it finds and ends them whatever group, session and environment
//! they have given themselves. (A namespace of process ids would do so, too, but the program would see other ids than
//! everybody else.) It ends the program when its own standard input closes, and that closes however the grader ends.
//!
//! Its standard input is a socket, on which it speaks with the grader: it is [`Message::Ready`], the grader says
//! [`START`], the program has [`Message::Started`] or could not be started, and in the end, when nothing is left of it,
//! [`Message::Ended`].

use super::descendants::{adopt_orphans, end_descendants};
use super::message::{Message, Reach, START};
use super::sweep;
use crate::evidence::Ended;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, wait};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// The first argument that makes this program a supervisor. What ends with the program, its mark, the
/// program and its arguments follow.
pub const ARGUMENT: &str = "__supervise";

/// Starts the program that the arguments name, and returns when it has ended with everything that it has started.
pub fn serve_supervisor(mut arguments: impl Iterator<Item = OsString>) {
    let (Some(reach), Some(mark), Some(program)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return;
    };
    if reach == Reach::Everything.argument() {
        adopt_orphans();
    }
    let Ok(socket) = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from) else { return };
    let mut command = Command::new(program);
    command.args(arguments).env(sweep::MARK, mark).stdin(Stdio::null()).process_group(0);
    serve(&socket, &mut command).ok();
}

fn serve(mut socket: &UnixStream, command: &mut Command) -> io::Result<()> {
    socket.write_all(&Message::Ready.bytes())?;
    socket.read_exact(&mut [0; START.len()])?;
    let program = match command.spawn() {
        Ok(program) => Pid::from_child(&program),
        Err(error) => return socket.write_all(&Message::Failed(error.raw_os_error().unwrap_or(0)).bytes()),
    };
    socket.write_all(&Message::Started(program.as_raw_nonzero().get()).bytes())?;
    let watched = socket.try_clone()?;
    std::thread::spawn(move || end_with_the_grader(watched, program));
    close_output()?;
    let status = wait_for(program);
    end_rest(program);
    let how = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, signal) => Ended::Signal(signal.unwrap_or(0)),
    };
    socket.write_all(&Message::Ended(how).bytes())
}

/// Ends the program's group, and all that have become children of this process.
fn end_rest(program: Pid) {
    kill_process_group(program, Signal::KILL).ok();
    end_descendants();
}

/// The program's pipes are its own: they are to close when the program closes them.
fn close_output() -> io::Result<()> {
    let null = std::fs::File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(rustix::stdio::dup2_stderr(&null)?)
}

/// Waits for the grader's end of the socket to close.
fn end_with_the_grader(mut socket: UnixStream, program: Pid) {
    while let Ok(1..) = socket.read(&mut [0; 64]) {}
    end_rest(program);
    std::process::exit(0);
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
