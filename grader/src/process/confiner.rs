//! What the hidden command `kafkacourse __confine` runs: the supervisor of one confined program, outside of its cell.
//!
//! On the socket that is its standard input it hears the plan, and speaks with the grader as every supervisor does.

use crate::sandbox::{Cell, End, NotBuilt, Plan, START, Word, handover, hear, say};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

/// Builds the cell that is described on standard input, and returns when the program in it has ended with everything that
/// it has started.
pub fn serve_confiner() -> ExitCode {
    let serve = || {
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        serve_on(&socket)
    };
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE, // nobody listens any more
    }
}

fn serve_on(mut socket: &UnixStream) -> io::Result<()> {
    let plan: Plan = hear(socket)?;
    let (mut cell, listeners) = match Cell::build(plan) {
        Ok(built) => built,
        Err(NotBuilt { doing, source }) => {
            return say(socket, &Word::NotBuilt { doing, errno: source.raw_os_error().unwrap_or(0) });
        }
    };
    say(socket, &Word::Built(cell.held()))?;
    handover::give(socket, &listeners.iter().map(AsFd::as_fd).collect::<Vec<_>>())?;
    drop(listeners);
    socket.read_exact(&mut [0; START.len()])?;
    match cell.start() {
        // Where the grader has ended meanwhile, the closed socket tells.
        Ok(program) => say(socket, &Word::Started(program.as_raw_nonzero().get())).ok(),
        Err(error) => return say(socket, &Word::NotStarted(error.raw_os_error().unwrap_or(0))),
    };
    // The program's pipes are its own: they are to close when the program closes them.
    let null = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    match cell.ended(socket) {
        Some(End { how, exceeded: None }) => say(socket, &Word::Ended(how)),
        Some(End { how, exceeded: Some(exceeded) }) => say(socket, &Word::Stopped(how, exceeded)),
        None => Ok(()),
    }
}
