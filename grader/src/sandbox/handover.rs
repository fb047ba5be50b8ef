//! Descriptors that are handed from process to process (`unix(7)`, SCM_RIGHTS).

use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The most that are handed over at once.
const MOST: usize = 32;

/// Hands `descriptors` over, with one byte.
///
/// # Errors
/// Nobody takes them, or there are too many.
pub fn give(socket: impl AsFd, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("these are too many descriptors"));
    }
    retry_on_intr(|| sendmsg(&socket, &[IoSlice::new(b"d")], &mut control, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// Takes the descriptors that come next.
///
/// # Errors
/// Nobody gives any more.
pub fn take(socket: impl AsFd) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    // On a socket with a time limit a signal interrupts it, whatever has been asked for (`signal(7)`): a child has ended, say.
    let received =
        retry_on_intr(|| recvmsg(&socket, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC))?;
    if received.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let rights = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(rights) => Some(rights),
        _ => None,
    });
    Ok(rights.flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::pthread::{pthread_kill, pthread_self};
    use nix::sys::signal::Signal;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;
    use tokio::signal::unix::{SignalKind, signal};

    #[test]
    fn a_listener_goes_from_hand_to_hand() {
        let (here, there) = UnixStream::pair().expect("a pair");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        give(&here, &[listener.as_fd()]).expect("it is given");
        drop(listener);
        let taken = take(&there).expect("it is taken").remove(0);
        TcpStream::connect(address).expect("it listens").write_all(b"hello").expect("it is heard");
        let (mut heard, mut text) = (TcpListener::from(taken).accept().expect("a caller").0, String::new());
        heard.read_to_string(&mut text).expect("a word");
        assert_eq!(text, "hello");
        drop(here);
        assert!(take(&there).is_err());
    }

    #[test]
    fn a_signal_interrupts_nobody_who_waits_for_one() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _handled = runtime.block_on(async { signal(SignalKind::user_defined1()).expect("a handler") });
        let (here, there) = UnixStream::pair().expect("a pair");
        there.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        let (tell, told) = std::sync::mpsc::channel();
        let taking = std::thread::spawn(move || {
            tell.send(pthread_self()).expect("somebody listens");
            take(&there)
        });
        let thread = told.recv().expect("it has begun");
        for _ in 0..200 {
            pthread_kill(thread, Signal::SIGUSR1).expect("it is there");
            std::thread::yield_now();
        }
        give(&here, &[]).expect("it is given");
        assert_eq!(taking.join().expect("no panic").expect("it is taken").len(), 0);
    }
}
