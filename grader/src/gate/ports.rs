//! Where the listeners of a program come from.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// Listeners on 127.0.0.1 for one program.
#[derive(Debug)]
pub enum Ports {
    /// Of the machine: every process of it can reach them.
    Machine,
    /// Those that were handed out of the network of a confined program, which nobody else can reach. There are no others.
    Cell(VecDeque<TcpListener>),
}

impl Ports {
    /// One more listener, which does not block, and its port.
    ///
    /// # Errors
    /// There is none left.
    pub fn listener(&mut self) -> io::Result<(TcpListener, u16)> {
        let listener = match self {
            Ports::Machine => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
            Ports::Cell(listeners) => {
                listeners.pop_front().ok_or_else(|| io::Error::other("the sandbox has no listener left"))?
            }
        };
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    }
}
