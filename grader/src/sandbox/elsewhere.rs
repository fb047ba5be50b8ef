//! Other systems than Linux have no sandbox: whoever asks for one is told so.

use super::plan::Plan;
use super::words::{End, NotBuilt};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

/// There is none.
pub enum Cell {}

impl Cell {
    /// # Errors
    /// Always.
    pub fn build(_plan: Plan) -> Result<(Cell, Vec<OwnedFd>), NotBuilt> {
        Err(NotBuilt { doing: "making namespaces".into(), source: io::ErrorKind::Unsupported.into() })
    }

    pub fn held(&self) -> super::Held {
        match *self {}
    }

    pub fn start(&mut self) -> io::Result<rustix::process::Pid> {
        match *self {}
    }

    pub fn ended(self, _leash: &UnixStream) -> Option<End> {
        match self {}
    }
}

pub fn serve_init() -> ExitCode {
    ExitCode::FAILURE
}

pub mod handover {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

    pub fn give(_socket: impl AsFd, _descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn take(_socket: impl AsFd) -> io::Result<Vec<OwnedFd>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
