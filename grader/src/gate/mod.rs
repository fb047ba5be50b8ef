//! Who may speak on a port that was opened for a program: the program itself, within bounds.
//!
//! The ports are on 127.0.0.1, where every process of the machine can reach them. What a stranger says there must not
//! become evidence, so a connection is let in only when a process of the program holds its other end.

mod peer;
mod ports;

#[cfg(target_os = "linux")]
mod linux;

pub use peer::{Peer, Peers};
pub use ports::Ports;

use crate::evidence::{Limit, What};
use crate::limits;
use crate::recorder::Recorder;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a listener that has no descriptor for the next connection waits for one to be closed before it tries again.
const PAUSE: Duration = Duration::from_millis(100);

/// The gate of one process of a role.
pub struct Gate {
    recorder: Arc<Recorder>,
    role: String,
    peers: Arc<Peers>,
    most_open: usize,
    open: watch::Sender<usize>,
    /// Connections of the program that are open.
    inside: AtomicUsize,
    /// Connections of the program so far.
    total: AtomicUsize,
    strangers: AtomicUsize,
    /// It has been said that there are no descriptors left.
    starved: AtomicBool,
}

impl Gate {
    /// A gate that lets in those of `peers`, and so many connections at once.
    pub fn new(recorder: Arc<Recorder>, role: &str, peers: Arc<Peers>, most_open: usize) -> Arc<Gate> {
        Arc::new(Gate {
            recorder,
            role: role.to_owned(),
            peers,
            most_open,
            open: watch::Sender::new(0),
            inside: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            strangers: AtomicUsize::new(0),
            starved: AtomicBool::new(false),
        })
    }

    /// Accepts connections for ever and serves those that may come in. Dropping the future closes all of them.
    pub async fn keep<F>(
        self: Arc<Gate>,
        listener: TcpListener,
        serve: impl Fn(TcpStream) -> F + Clone + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, _)) => {
                    let Some(place) = self.place() else { continue };
                    let (gate, serve) = (self.clone(), serve.clone());
                    connections.spawn(async move {
                        let _place = place;
                        if let Some(_inside) = gate.lets_in(&stream).await {
                            serve(stream).await;
                        }
                    });
                }
                Err(error) => self.not_accepted(&error).await,
            }
        }
    }

    /// Waits until all connections are closed, at most `limit`.
    pub async fn drained(&self, limit: Duration) {
        let mut open = self.open.subscribe();
        tokio::time::timeout(limit, open.wait_for(|open| *open == 0)).await.ok();
    }

    /// A place for one more connection, if one is left. Only where the program's own take up all of them has it reached
    /// a limit: strangers can keep it out for a moment, and must not be held against it.
    fn place(self: &Arc<Gate>) -> Option<Place> {
        if *self.open.borrow() < self.most_open {
            self.open.send_modify(|open| *open += 1);
            return Some(Place(self.clone()));
        }
        if self.inside.load(Ordering::Relaxed) >= self.most_open {
            self.recorder.reach(Limit::OpenConnections(self.most_open));
        }
        None
    }

    /// Lets the program in.
    async fn lets_in(self: &Arc<Gate>, stream: &TcpStream) -> Option<Inside> {
        if let Peer::Stranger(who) = self.peers.other_end(stream).await {
            if self.strangers.fetch_add(1, Ordering::Relaxed) < limits::STRANGERS {
                self.recorder.record(Some(&self.role), What::Stranger { who });
            }
            return None;
        }
        if self.total.fetch_add(1, Ordering::Relaxed) >= limits::CONNECTIONS {
            self.recorder.reach(Limit::Connections(limits::CONNECTIONS));
            return None;
        }
        self.inside.fetch_add(1, Ordering::Relaxed);
        Some(Inside(self.clone()))
    }

    /// A connection that was not accepted is not the end of the listener.
    async fn not_accepted(&self, error: &io::Error) {
        use rustix::io::Errno;
        let starved = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        if !starved.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) {
            return; // the peer had gone before it was accepted
        }
        if !self.starved.swap(true, Ordering::Relaxed) {
            let open = *self.open.borrow();
            let what = format!("no further connection of {} can be accepted beside {open} others: {error}", self.role);
            self.recorder.record(None, What::GraderFault { what });
        }
        let mut open = self.open.subscribe();
        open.mark_unchanged();
        tokio::time::timeout(PAUSE, open.changed()).await.ok();
    }
}

/// The place of an open connection, whoever is at its other end.
struct Place(Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

/// An open connection of the program's.
struct Inside(Arc<Gate>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}
