//! The shell: listeners, connections, time.

mod connection;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::core::Core;
use crate::settings::Settings;
use crate::time::Now;
use crate::watch::Connection;

/// Connections at a time. Further ones are closed as soon as they are made.
const MOST_CONNECTIONS: usize = 2_000;

/// Bytes on their way in a pipe in memory.
const PIPE_BYTES: usize = 256 << 10;

/// An open cluster. Cheap to clone; it is gone with its last clone.
#[derive(Clone, Debug)]
pub struct Cluster(Arc<Open>);

/// A request that the cluster does not serve: its connection was closed, as Kafka does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    pub api: i16,
    pub version: i16,
}

#[derive(Debug)]
struct Open {
    shared: Arc<Shared>,
    bootstrap: String,
    tasks: Vec<JoinHandle<()>>,
}

/// What connections and timers share.
#[derive(Debug)]
struct Shared {
    core: Mutex<Core>,
    opened: Instant,
    /// By connection: it has to look again at the request that it waits for.
    wakers: Mutex<HashMap<Connection, Arc<Notify>>>,
    next: AtomicU64,
    /// The time of the next timer may have changed.
    timers: Notify,
    refused: Mutex<BTreeSet<Refused>>,
    /// The nodes that are there.
    up: watch::Sender<Vec<i32>>,
}

impl Cluster {
    /// Opens a cluster whose nodes listen on free ports of 127.0.0.1. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// No port can be had.
    pub fn open(settings: Settings) -> io::Result<Cluster> {
        let any = vec![0; settings.nodes.clamp(1, 3) as usize];
        Cluster::open_at(settings, &any)
    }

    /// The same, each node on its own port.
    ///
    /// # Errors
    /// A port is taken.
    pub fn open_at(settings: Settings, ports: &[u16]) -> io::Result<Cluster> {
        let listen = |port: &u16| -> io::Result<(StdListener, u16)> {
            let listener = StdListener::bind((Ipv4Addr::LOCALHOST, *port))?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let listeners = ports.iter().map(listen).collect::<io::Result<Vec<_>>>()?;
        let addresses: Vec<_> = listeners.iter().map(|(_, port)| (Ipv4Addr::LOCALHOST.to_string(), *port)).collect();
        let (shared, bootstrap) = start(settings, &addresses);
        let nodes = shared.up.borrow().clone();
        let mut tasks = vec![tokio::spawn(keep_time(shared.clone()))];
        for (node, (listener, _)) in nodes.into_iter().zip(listeners) {
            tasks.push(tokio::spawn(connection::accept(shared.clone(), TcpListener::from_std(listener)?, node)));
        }
        Ok(Cluster(Arc::new(Open { shared, bootstrap, tasks })))
    }

    /// The same without listeners: its nodes have addresses like `kafka-1:9092`, at which nobody listens, and are reached
    /// by [`Cluster::connect`] alone.
    pub fn in_memory(settings: Settings) -> Cluster {
        let address = |node: i32| (format!("kafka-{}", settings.first_node + node), 9_092);
        let addresses: Vec<_> = (0..settings.nodes.clamp(1, 3)).map(address).collect();
        let (shared, bootstrap) = start(settings, &addresses);
        let tasks = vec![tokio::spawn(keep_time(shared.clone()))];
        Cluster(Arc::new(Open { shared, bootstrap, tasks }))
    }

    /// Where a client begins: `127.0.0.1:PORT` of the first node.
    pub fn address(&self) -> &str {
        &self.0.bootstrap
    }

    /// The address of the first node that is there; of the first one where none is.
    pub fn live_address(&self) -> String {
        let core = self.0.shared.core();
        let address = core.nodes.up().next().map(|node| format!("{}:{}", node.host, node.port));
        address.unwrap_or_else(|| self.address().to_owned())
    }

    /// A connection to `node` that does not go through the system's network. None while the node is away.
    pub fn connect(&self, node: i32) -> Option<DuplexStream> {
        let shared = &self.0.shared;
        if !shared.up.borrow().contains(&node) {
            return None;
        }
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        tokio::spawn(connection::serve(shared.clone(), theirs, node, "/127.0.0.1".to_owned()));
        Some(ours)
    }

    /// The id of the node at `host:port`.
    pub fn node_at(&self, address: &str) -> Option<i32> {
        let core = self.0.shared.core();
        core.nodes.0.iter().find(|node| format!("{}:{}", node.host, node.port) == address).map(|node| node.id)
    }

    /// Does something with the state of the cluster: makes a topic, moves a leader. Whoever waits for what changes by it
    /// goes on.
    pub fn change<T>(&self, change: impl FnOnce(&mut Core, Now) -> T) -> T {
        let shared = &self.0.shared;
        let mut core = shared.core();
        let result = change(&mut core, shared.now());
        let up: Vec<i32> = core.nodes.up().map(|node| node.id).collect();
        shared.settle(core);
        shared.up.send_if_modified(|known| {
            let changed = *known != up;
            *known = up;
            changed
        });
        result
    }

    /// The requests that were refused because they are not served here.
    pub fn refused(&self) -> Vec<Refused> {
        self.0.shared.refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().copied().collect()
    }
}

fn start(settings: Settings, addresses: &[(String, u16)]) -> (Arc<Shared>, String) {
    let bootstrap = addresses.first().map(|(host, port)| format!("{host}:{port}")).unwrap_or_default();
    let core = Core::new(settings, addresses, rand::random());
    let up = core.nodes.up().map(|node| node.id).collect();
    let shared = Shared {
        core: Mutex::new(core),
        opened: Instant::now(),
        wakers: Mutex::default(),
        next: AtomicU64::new(1),
        timers: Notify::new(),
        refused: Mutex::default(),
        up: watch::Sender::new(up),
    };
    (Arc::new(shared), bootstrap)
}

impl Drop for Open {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.shared.up.send_replace(Vec::new()); // ends all connections
    }
}

impl Shared {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn now(&self) -> Now {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { elapsed: self.opened.elapsed(), wall_ms: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX) }
    }

    /// Ends a step: wakes whom it concerns.
    fn settle(&self, mut core: MutexGuard<'_, Core>) {
        let woken = core.take_woken();
        drop(core);
        self.timers.notify_one();
        if woken.is_empty() {
            return;
        }
        let wakers = self.wakers.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        woken.iter().filter_map(|connection| wakers.get(connection)).for_each(|waker| waker.notify_one());
    }

    fn enter(&self) -> Option<(Connection, Arc<Notify>)> {
        let mut wakers = self.wakers.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if wakers.len() >= MOST_CONNECTIONS {
            return None;
        }
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        let waker = Arc::new(Notify::new());
        wakers.insert(connection, waker.clone());
        Some((connection, waker))
    }

    fn leave(&self, connection: Connection) {
        self.wakers.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(&connection);
        self.core().disconnected(connection);
    }
}

/// Lets happen in the core whatever happens by time alone.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let next = shared.core().next_timer();
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until((shared.opened + at).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {
                let mut core = shared.core();
                core.tick(shared.now());
                shared.settle(core);
            }
            () = shared.timers.notified() => {}
        }
    }
}
