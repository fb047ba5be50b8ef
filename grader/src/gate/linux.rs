//! Which process holds a socket, as Linux tells it.
//!
//! The kernel is asked over netlink for the inode of the one socket (`sock_diag(7)`): that takes some ten microseconds,
//! where reading `/proc/net/tcp` takes ten milliseconds. Then the descriptors of the program's processes are searched for
//! it: the process that was started, its children (`/proc/PID/task/TID/children`), and so on.

use super::Peer;
use crate::process::family::children;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The processes of a program that are searched; one that has more has its hands full with itself.
const MOST_PROCESSES: usize = 4_096;

pub(super) fn identify(peer: SocketAddr, ours: SocketAddr, ancestor: u32) -> Peer {
    let inode = match inode(peer, ours) {
        Ok(Some(inode)) => inode,
        Ok(None) => return Peer::Stranger("one that has hung up".into()),
        Err(_) => return Peer::Unknown,
    };
    if !Path::new("/proc/self/task").exists() {
        return Peer::Unknown;
    }
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&process) = found.get(next) {
        if holds(process, inode) {
            return Peer::Program;
        }
        if found.len() < MOST_PROCESSES {
            found.extend(children(process));
        }
        next += 1;
    }
    Peer::Stranger(name_of_holder(inode))
}

/// The inode of the socket at the other end; none where nobody holds it any more.
fn inode(peer: SocketAddr, ours: SocketAddr) -> rustix::io::Result<Option<u32>> {
    let socket =
        net::socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    net::send(&socket, &question(peer, ours), SendFlags::empty())?;
    let mut answer = [0; 1024];
    let (length, _) = net::recv(&socket, &mut answer, RecvFlags::empty())?;
    read(&answer[..length])
}

/// `struct nlmsghdr`, then `struct inet_diag_req_v2` (linux/netlink.h, linux/inet_diag.h): numbers in the machine's order,
/// but ports and addresses in the network's.
fn question(peer: SocketAddr, ours: SocketAddr) -> Vec<u8> {
    const LENGTH: u32 = 72;
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST: u16 = 1;
    const AF_INET: u8 = 2;
    const IPPROTO_TCP: u8 = 6;
    let mut bytes = Vec::with_capacity(LENGTH as usize);
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST.to_ne_bytes());
    bytes.extend([0; 8]); // sequence number, sender
    bytes.extend([AF_INET, IPPROTO_TCP, 0, 0]);
    bytes.extend(u32::MAX.to_ne_bytes()); // in whatever state
    bytes.extend(peer.port().to_be_bytes());
    bytes.extend(ours.port().to_be_bytes());
    bytes.extend(address(peer));
    bytes.extend(address(ours));
    bytes.extend([0; 4]); // on whatever interface
    bytes.extend([u8::MAX; 8]); // no cookie
    bytes
}

/// A socket of IPv6 that speaks IPv4, as Java's do, is found by its IPv4 address.
fn address(of: SocketAddr) -> [u8; 16] {
    let mut address = [0; 16];
    if let IpAddr::V4(ip) = of.ip().to_canonical() {
        address[..4].copy_from_slice(&ip.octets());
    }
    address
}

/// `struct nlmsghdr`, then `struct inet_diag_msg`, whose last field is the inode, or `struct nlmsgerr`.
fn read(answer: &[u8]) -> rustix::io::Result<Option<u32>> {
    const HEADER: usize = 16;
    const INODE: usize = HEADER + 68;
    const NLMSG_ERROR: u16 = 2;
    const ENOENT: i32 = rustix::io::Errno::NOENT.raw_os_error();
    let number = |at: usize| answer.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_ne_bytes);
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    match kind {
        Some(NLMSG_ERROR) => match number(HEADER).map_or(0, u32::cast_signed) {
            error if error == -ENOENT => Ok(None),
            error => Err(rustix::io::Errno::from_raw_os_error(-error)),
        },
        _ => Ok(number(INODE).filter(|inode| *inode != 0)),
    }
}

/// Has the process a descriptor of the socket?
fn holds(process: u32, inode: u32) -> bool {
    let socket = PathBuf::from(format!("socket:[{inode}]"));
    let descriptors: Vec<_> = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten().collect();
    // The youngest first: a connection that has just been made is one of them.
    descriptors.iter().rev().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == socket))
}

/// "NAME (process ID)", of a process that we may look into.
fn name_of_holder(inode: u32) -> String {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    match ids.find(|process| holds(*process, inode)) {
        Some(process) => {
            let name = fs::read(format!("/proc/{process}/comm")).unwrap_or_default();
            format!("{} (process {process})", String::from_utf8_lossy(&name).trim_end())
        }
        None => "a process of somebody else".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};

    fn pair(to: &str) -> (TcpListener, TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let client = TcpStream::connect((to, port)).expect("a connection");
        let (server, _) = listener.accept().expect("a connection");
        (listener, client, server)
    }

    fn other_end(server: &TcpStream, ancestor: u32) -> Peer {
        identify(server.peer_addr().expect("a peer"), server.local_addr().expect("an address"), ancestor)
    }

    #[test]
    fn a_socket_of_ours_is_ours() {
        let (_listener, client, server) = pair("127.0.0.1");
        assert_eq!(other_end(&server, std::process::id()), Peer::Program);
        let (_listener, _client, mapped) = pair("::ffff:127.0.0.1");
        assert_eq!(other_end(&mapped, std::process::id()), Peer::Program);
        drop(client);
        assert!(matches!(other_end(&server, std::process::id()), Peer::Stranger(_)), "nobody holds it any more");
    }

    #[test]
    fn a_grandchild_belongs_to_the_family_and_an_uncle_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let script = format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}; cat'; true");
        let family = |line: &str| Command::new("sh").args(["-c", line]).stdin(Stdio::piped()).spawn().expect("a shell");
        let (mut sh, mut uncle) = (family(&script), family("cat"));
        let (server, _) = listener.accept().expect("a connection");
        assert_eq!(other_end(&server, sh.id()), Peer::Program);
        let Peer::Stranger(who) = other_end(&server, uncle.id()) else { panic!("taken for its uncle's") };
        assert!(who.contains("(process "), "{who}");
        for child in [&mut sh, &mut uncle] {
            drop(child.stdin.take()); // and `cat` ends
            child.wait().expect("it ends");
        }
    }
}
