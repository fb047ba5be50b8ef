//! Who is at the other end of a connection.

use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Whose connections are let in.
#[derive(Debug)]
pub struct Peers(watch::Sender<Family>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// The program has not been started: nobody can tell yet.
    Unborn,
    Anyone,
    /// This process and all that descend from it.
    Of(u32),
}

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    Program,
    /// Somebody else: the name and the id of its process, where they can be had.
    Stranger(String),
    /// The system does not tell.
    Unknown,
}

impl Peers {
    /// Lets in everybody.
    pub fn anyone() -> Arc<Peers> {
        Arc::new(Peers(watch::Sender::new(Family::Anyone)))
    }

    /// The processes of a program that is about to be started. Until [`Peers::descend_from`] says which they are,
    /// connections wait.
    pub fn of_a_program() -> Arc<Peers> {
        Arc::new(Peers(watch::Sender::new(Family::Unborn)))
    }

    /// Lets in the process `ancestor` and all that descend from it.
    pub fn descend_from(&self, ancestor: u32) {
        self.0.send_replace(Family::Of(ancestor));
    }

    /// Who holds the other end of `stream`? Waits until the program has been started.
    pub(super) async fn other_end(&self, stream: &TcpStream) -> Peer {
        let mut family = self.0.subscribe();
        let Ok(family) = family.wait_for(|family| *family != Family::Unborn).await.map(|family| *family) else {
            return Peer::Unknown;
        };
        match family {
            Family::Of(ancestor) => identify(stream, ancestor).await,
            Family::Anyone | Family::Unborn => Peer::Unknown,
        }
    }
}

#[cfg(target_os = "linux")]
async fn identify(stream: &TcpStream, ancestor: u32) -> Peer {
    let (Ok(peer), Ok(ours)) = (stream.peer_addr(), stream.local_addr()) else {
        return Peer::Stranger("one that has hung up".into());
    };
    // It reads files, of which a program can make many.
    let identified = tokio::task::spawn_blocking(move || super::linux::identify(peer, ours, ancestor));
    identified.await.unwrap_or(Peer::Unknown)
}

/// Only Linux tells which process a socket belongs to.
#[cfg(not(target_os = "linux"))]
async fn identify(_stream: &TcpStream, _ancestor: u32) -> Peer {
    Peer::Unknown
}
