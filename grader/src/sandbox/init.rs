//! What the hidden command `kafkacourse __init` runs: the first process of a cell, and the parent of the program.
//!
//! It is process 1 of a namespace of its own. A program that was that itself would not be ended by SIGTERM, as a program
//! is that has not asked for it, nor by its own abort(). It builds the cell around itself from within, gives up all of its
//! rights, and starts the program. When it ends, so does everything in the cell.

use super::confinement::{Bounds, Confinement};
use super::plan::{Plan, Task};
use super::root::{Failed, TEMPORARY, doing};
use super::words::{Held, START, Word, hear, say};
use super::{access, handover, identity, network, root, syscalls};
use crate::evidence::Ended;
use nix::sched::{CloneFlags, unshare};
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions, getrlimit, setrlimit, wait};
use std::fs::File;
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// Builds the cell that is described on standard input, starts the program, and returns when it has ended.
pub fn serve() -> ExitCode {
    let serve = || {
        close_inherited()?;
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        serve_on(&socket)
    };
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE, // nobody listens any more
    }
}

/// Closes whatever the grader has inherited without knowing it, such as a lock of a script's: the program must not get it.
fn close_inherited() -> io::Result<()> {
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    // One of them was that of the folder itself, and is closed.
    for descriptor in open {
        nix::unistd::close(descriptor).ok();
    }
    Ok(())
}

fn serve_on(mut socket: &UnixStream) -> io::Result<()> {
    let Task { plan, as_root, counted } = hear(socket)?;
    let (listeners, landlock) = match build(&plan, as_root, counted) {
        Ok(built) => built,
        Err(Failed { doing, error }) => {
            return say(socket, &Word::NotBuilt { doing, errno: error.raw_os_error().unwrap_or(0) });
        }
    };
    say(socket, &Word::Built(Held { landlock, cgroup: None }))?;
    handover::give(socket, &listeners.iter().map(AsFd::as_fd).collect::<Vec<_>>())?;
    drop(listeners);
    socket.read_exact(&mut [0; START.len()])?;
    let mut command = Command::new(&plan.program);
    command.args(&plan.arguments).env_clear().envs(plan.environment).stdin(Stdio::null()).process_group(0);
    let program = match command.spawn() {
        Ok(child) => Pid::from_child(&child),
        Err(error) => return say(socket, &Word::NotStarted(error.raw_os_error().unwrap_or(0))),
    };
    // The program's pipes are its own: they are to close when the program closes them.
    let null = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    say(socket, &Word::Started(program.as_raw_nonzero().get()))?;
    // It is not buried, however soon it ends, before the supervisor has seen it.
    socket.read_exact(&mut [0; START.len()])?;
    say(socket, &Word::Ended(wait_for(program)))
}

/// Builds the cell around this process, which is root of the machine or of a namespace. Afterwards it can do no more than
/// the program.
fn build(plan: &Plan, as_root: bool, counted: bool) -> Result<(Vec<TcpListener>, Option<u8>), Failed> {
    let Confinement { writable, bounds, .. } = &plan.confinement;
    let all = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    doing("making namespaces", unshare(all))?;
    doing("naming the machine", nix::unistd::sethostname("box"))?;
    doing("leaving the terminal", rustix::process::setsid())?;
    doing("switching on the loopback", network::raise_loopback())?;
    let listeners = doing("binding listeners", network::listen(plan.listeners))?;
    let unprivileged = match as_root {
        true => Some(doing("giving folders to the program's user", identity::unprivileged(writable))?),
        false => None,
    };
    root::change(&plan.confinement)?;
    doing("entering the program's folder", std::env::set_current_dir(&plan.folder))?;
    doing("giving up all rights", identity::become_nobody(unprivileged))?;
    // Whatever ends the supervisor ends the cell.
    doing("binding its life to ours", rustix::process::set_parent_process_death_signal(Some(Signal::KILL)))?;
    doing("setting limits", bound(bounds, counted))?;
    let temporary = TEMPORARY.iter().map(Path::new);
    let writable: Vec<&Path> = writable.iter().map(AsRef::as_ref).chain(temporary).chain([Path::new("/dev")]).collect();
    let landlock = doing("restricting access", access::restrict(&writable))?;
    doing("restricting system calls", syscalls::restrict(counted))?;
    Ok((listeners, landlock))
}

/// The limits that every process has for itself.
fn bound(bounds: &Bounds, counted: bool) -> io::Result<()> {
    // A control group counts the processes of this cell alone, and says so when there are too many. The limit counts those
    // of a user, who may have other cells.
    let processes = if counted { u64::MAX } else { bounds.processes };
    let limits = [
        (Resource::Core, 0, 0),
        // At the first it gets SIGXCPU, which tells what happened; at the second SIGKILL.
        (Resource::Cpu, bounds.cpu_seconds, bounds.cpu_seconds + 1),
        (Resource::Fsize, bounds.file_bytes, bounds.file_bytes),
        (Resource::Nofile, bounds.open_files, bounds.open_files),
        (Resource::Nproc, processes, processes),
    ];
    for (resource, current, maximum) in limits {
        // Nobody may have more than before.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        setrlimit(resource, Rlimit { current: Some(current.min(most)), maximum: Some(maximum.min(most)) })?;
    }
    Ok(())
}

/// Waits until `program` has ended, and buries the orphans that end before it.
fn wait_for(program: Pid) -> Ended {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if ended == program => {
                return match status.exit_status() {
                    Some(code) => Ended::Code(code),
                    None => Ended::Signal(status.terminating_signal().unwrap_or(0)),
                };
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Ended::Signal(0), // it cannot be: it is our child
        }
    }
}
