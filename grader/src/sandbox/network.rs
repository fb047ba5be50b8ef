//! The network of a cell: a loopback of its own, and listeners on it which others serve.

use super::FIRST_PORT;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// Binds so many listeners in the network of this process.
pub(super) fn listen(count: u16) -> io::Result<Vec<TcpListener>> {
    (FIRST_PORT..FIRST_PORT + count).map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port))).collect()
}

/// Switches on the loopback of the network that this process has just been given.
pub(super) fn raise_loopback() -> io::Result<()> {
    // No protocol is that of routes and interfaces.
    let socket = net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    net::send(&socket, &raise(), SendFlags::empty())?;
    let mut answer = [0; 64];
    let (length, _) = net::recv(&socket, &mut answer, RecvFlags::empty())?;
    // `struct nlmsghdr` of 16 bytes, then `struct nlmsgerr`, which begins with 0 or an error number.
    match answer[..length].get(16..20).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// `struct nlmsghdr`, then `struct ifinfomsg` (`rtnetlink(7)`): interface 1, which is the loopback, is to be up.
fn raise() -> Vec<u8> {
    const LENGTH: u32 = 32;
    const RTM_NEWLINK: u16 = 16;
    const NLM_F_REQUEST_ACK: u16 = 1 | 4;
    const LOOPBACK: i32 = 1;
    const IFF_UP: u32 = 1;
    let mut bytes = Vec::with_capacity(LENGTH as usize);
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend(RTM_NEWLINK.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST_ACK.to_ne_bytes());
    bytes.extend([0; 8]); // sequence number, sender
    bytes.extend([0; 4]); // family, type
    bytes.extend(LOOPBACK.to_ne_bytes());
    bytes.extend(IFF_UP.to_ne_bytes());
    bytes.extend(IFF_UP.to_ne_bytes()); // what of the flags changes
    bytes
}
