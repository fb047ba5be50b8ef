//! A cell, as the process sees it that builds and watches it: the supervisor of a confined program.

use super::cgroup::Cgroup;
use super::confinement::{Bounds, Exceeded};
use super::footprint::Footprint;
use super::plan::{Plan, Task};
use super::words::{End, Held, NotBuilt, START, Word, hear, say};
use super::{handover, identity};
use crate::evidence::Ended;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often somebody looks whether the program has run into a bound.
const LOOK: Duration = Duration::from_millis(100);

/// The error that follows, with what was tried.
fn not_built(doing: &str) -> impl FnOnce(io::Error) -> NotBuilt {
    let doing = doing.to_owned();
    move |source| NotBuilt { doing, source }
}

/// A cell. Dropping it ends everything in it.
pub struct Cell {
    init: Child,
    socket: UnixStream,
    cgroup: Option<Cgroup>,
    bounds: Bounds,
    began: Instant,
    held: Held,
}

impl Cell {
    /// Builds the cell of `plan`, and returns it with the listeners that others are to serve. The program is not started
    /// yet. This changes the calling process, which must have one thread and exist for nothing else.
    ///
    /// # Errors
    /// The machine does not let us.
    pub fn build(plan: Plan) -> Result<(Cell, Vec<OwnedFd>), NotBuilt> {
        let bounds = plan.confinement.bounds;
        let as_root = rustix::process::geteuid().is_root();
        let cgroup = Cgroup::make(&bounds);
        identity::become_root_of_a_namespace().map_err(not_built("making a user namespace"))?;
        let starting = || not_built("starting its first process");
        let (socket, theirs) = UnixStream::pair().map_err(starting())?;
        let init = Command::new("/proc/self/exe")
            .arg0("kafkacourse")
            .arg(super::INIT)
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()
            .map_err(starting())?;
        let held = Held { landlock: None, cgroup: cgroup.as_ref().map(|cgroup| cgroup.version) };
        let mut cell = Cell { init, socket, cgroup, bounds, began: Instant::now(), held };
        if let Some(cgroup) = &cell.cgroup
            && cgroup.admit(cell.init.id()).is_err()
        {
            cell.cgroup = None;
            cell.held.cgroup = None;
        }
        let task = Task { plan, as_root, counted: cell.cgroup.is_some() };
        say(&cell.socket, &task).map_err(starting())?;
        match hear(&cell.socket).map_err(not_built("waiting for its first process"))? {
            Word::Built(Held { landlock, .. }) => cell.held.landlock = landlock,
            Word::NotBuilt { doing, errno } => {
                return Err(NotBuilt { doing, source: io::Error::from_raw_os_error(errno) });
            }
            word => return Err(NotBuilt { doing: format!("{word:?}"), source: io::ErrorKind::InvalidData.into() }),
        }
        let listeners = handover::take(&cell.socket).map_err(not_built("taking its listeners"))?;
        Ok((cell, listeners))
    }

    /// What holds in it.
    pub fn held(&self) -> Held {
        self.held
    }

    /// Starts the program, and returns its process id, as the machine knows it.
    ///
    /// # Errors
    /// What the system says: there is no such program, say.
    pub fn start(&mut self) -> io::Result<Pid> {
        self.began = Instant::now();
        self.socket.write_all(START)?;
        match hear(&self.socket)? {
            Word::Started(_) => {
                let program = self.program().ok_or_else(|| io::Error::other("it is not to be seen"));
                self.socket.write_all(START)?;
                program
            }
            Word::NotStarted(errno) => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Waits until the program has ended, runs into a bound, or `leash` closes; then ends everything in the cell. None
    /// where the leash has closed.
    pub fn ended(mut self, leash: &UnixStream) -> Option<End> {
        let mut seen = None;
        let told = loop {
            let mut polled = [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(leash, PollFlags::IN)];
            let wait = Timespec { tv_sec: 0, tv_nsec: LOOK.subsec_nanos().into() };
            poll(&mut polled, Some(&wait)).ok();
            let [told, ended] = polled.map(|polled| !polled.revents().is_empty());
            if ended {
                return None;
            }
            if told {
                break hear(&self.socket).ok();
            }
            seen = self.exceeded();
            if seen.is_some() {
                break None;
            }
        };
        let how = match told {
            Some(Word::Ended(how)) => how,
            // It was killed, with all the others: by us, or because there was no memory left.
            _ => Ended::Signal(Signal::KILL.as_raw()),
        };
        self.end();
        let counted = || self.cgroup.as_ref().and_then(Cgroup::exceeded);
        let exceeded = seen.or_else(counted).or_else(|| self.told_by(&how));
        Some(End { how, exceeded })
    }

    /// The bound that the program is beyond, while it runs.
    fn exceeded(&self) -> Option<Exceeded> {
        if self.began.elapsed() > Duration::from_secs(self.bounds.seconds) {
            return Some(Exceeded::Time);
        }
        match &self.cgroup {
            Some(cgroup) => cgroup.exceeded(),
            None => Footprint::of_descendants(self.init.id()).exceeded(&self.bounds),
        }
    }

    /// The bound that speaks from how it ended.
    fn told_by(&self, how: &Ended) -> Option<Exceeded> {
        let Ended::Signal(signal) = how else { return None };
        match Signal::from_named_raw(*signal)? {
            Signal::XCPU => Some(Exceeded::CpuTime),
            Signal::XFSZ => Some(Exceeded::FileSize),
            // Whoever ignores SIGXCPU gets SIGKILL.
            Signal::KILL => {
                let used = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
                let used = (used.user_time() + used.system_time()).num_milliseconds().unsigned_abs();
                // It comes a second after the bound; the two clocks are not quite the same.
                (used > self.bounds.cpu_seconds * 1_000 + 500).then_some(Exceeded::CpuTime)
            }
            _ => None,
        }
    }

    /// The program: it is the first child of the cell's first process.
    fn program(&self) -> Option<Pid> {
        let id = self.init.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        Pid::from_raw(children.split_whitespace().next()?.parse().ok()?)
    }

    /// Ends the first process, and with it all others; returns when they are gone.
    fn end(&mut self) {
        self.init.kill().ok();
        self.init.wait().ok();
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.end();
    }
}
