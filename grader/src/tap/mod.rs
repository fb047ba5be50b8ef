//! Between the program and the broker: forwards bytes, records decoded copies, applies the scenario's rules.
//!
//! One tap per process, so that a connection always belongs to exactly one role; one listener per broker node,
//! because a client that connects says nowhere which node it wants.

mod connection;
mod fence;
mod frame;
mod members;
mod names;
mod parked;
mod queue;

pub use members::Membership;

use crate::broker::Broker;
use crate::gate::{Gate, Peers, Ports};
use crate::limits;
use crate::recorder::Recorder;
use crate::wire::Ranges;
use kafka_protocol::messages::ApiVersionsRequest;
use members::Members;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The broker behind the tap.
pub struct Upstream {
    broker: Broker,
    /// The requests that it serves.
    served: Ranges,
    /// Those that programs are offered.
    ranges: Ranges,
    members: Members,
    /// The topics of this run, as the broker calls them, where nothing else shall be seen of the broker.
    fenced: Option<Vec<String>>,
}

impl Upstream {
    /// Asks `broker` which requests it understands.
    ///
    /// # Errors
    /// It cannot be reached or answers nonsense.
    pub async fn probe(broker: Broker) -> io::Result<Upstream> {
        let answer = broker.ask(broker.address(), &ApiVersionsRequest::default(), 0).await?;
        let served = Ranges::reported(&answer).map_err(io::Error::other)?;
        let ranges = served.for_tap();
        Ok(Upstream { broker, served, ranges, members: Members::default(), fenced: None })
    }

    /// The same, of which a program sees nothing but `topics`, as the broker calls them, and the groups of its run.
    #[must_use]
    pub fn fenced(self, topics: Vec<String>) -> Upstream {
        Upstream { ranges: self.ranges.without_admin(), fenced: Some(topics), ..self }
    }

    /// The memberships of consumer groups that processes of `role` began and did not end.
    pub fn memberships(&self, role: &str) -> Vec<Membership> {
        self.members.memberships(role)
    }

    /// Ends a membership in its member's name, at the group's `coordinator` (`host:port`).
    ///
    /// # Errors
    /// The coordinator cannot be reached.
    pub async fn leave(&self, membership: &Membership, coordinator: &str) -> io::Result<()> {
        let Membership { group, member, classic } = membership;
        self.broker.leave(coordinator, group, member, *classic).await?;
        self.members.remove(membership);
        Ok(())
    }
}

/// What every connection of one process shares.
struct Shared {
    recorder: Arc<Recorder>,
    role: String,
    upstream: Arc<Upstream>,
    /// Port of our listener for the address that the process begins with.
    bootstrap: u16,
    /// That address of the broker.
    first: String,
    /// Port of our listener for each broker node that is elsewhere.
    nodes: Mutex<HashMap<i32, u16>>,
    /// Where further listeners come from.
    ports: Mutex<Ports>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    gate: Arc<Gate>,
    /// KiB of large frames that may still be read at the same time.
    frames: Arc<Semaphore>,
}

/// The tap of one process. Dropping it closes its listeners and connections.
pub struct Tap {
    shared: Arc<Shared>,
}

impl Tap {
    /// Opens a tap on `ports` for a process of `role`, on which `peers` may speak.
    ///
    /// # Errors
    /// No port can be bound.
    pub fn open(
        recorder: Arc<Recorder>,
        role: &str,
        upstream: Arc<Upstream>,
        (peers, mut ports): (Arc<Peers>, Ports),
    ) -> io::Result<Tap> {
        let (listener, port) = ports.listener()?;
        let address = upstream.broker.live_address();
        let gate = Gate::new(recorder.clone(), role, peers, limits::OPEN_CONNECTIONS);
        let shared = Arc::new(Shared {
            recorder,
            role: role.to_owned(),
            upstream,
            bootstrap: port,
            first: address.clone(),
            nodes: Mutex::default(),
            ports: Mutex::new(ports),
            tasks: Mutex::default(),
            gate,
            frames: Arc::new(Semaphore::new(limits::FRAMES_BYTES >> 10)),
        });
        shared.listen(listener, None, address)?;
        Ok(Tap { shared })
    }

    /// What the process gets as its bootstrap server.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.shared.bootstrap)
    }

    /// Waits until every byte that the (ended) process sent has been seen, at most `limit`: a child of it may still
    /// hold a connection open.
    pub async fn drained(&self, limit: Duration) {
        self.shared.gate.drained(limit).await;
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let mut tasks = self.shared.tasks.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        tasks.drain(..).for_each(|task| task.abort());
    }
}

impl Shared {
    /// Serves connections to broker node `node`, or to the node at the bootstrap address, at `address`.
    fn listen(self: &Arc<Shared>, listener: StdListener, node: Option<i32>, address: String) -> io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        let shared = self.clone();
        let serve = move |client| {
            let conn = shared.recorder.next_connection();
            connection::serve(shared.clone(), client, conn, node, address.clone())
        };
        self.spawn(self.gate.clone().keep(listener, serve));
        Ok(())
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        tasks.retain(|task| !task.is_finished());
        tasks.push(tokio::spawn(task));
    }

    /// Where clients shall find node `node`, which the broker says is at `host:port`.
    ///
    /// The node at the bootstrap address keeps our bootstrap port: librdkafka takes two ports for two brokers, opens a
    /// connection to each, and its idempotent producer then waits more often for a timer before it asks for its id.
    fn advertise(self: &Arc<Shared>, node: i32, host: &str, port: u16) -> (String, u16) {
        let address = format!("{host}:{port}");
        let ours = match address == self.first {
            true => Ok(self.bootstrap),
            false => self.node(node, address),
        };
        ours.map_or_else(|_| (host.to_owned(), port), |ours| (Ipv4Addr::LOCALHOST.to_string(), ours))
    }

    /// The port of our listener for node `node` at `address`, which is opened when it is first asked for.
    fn node(self: &Arc<Shared>, node: i32, address: String) -> io::Result<u16> {
        let mut nodes = self.nodes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(ours) = nodes.get(&node) {
            return Ok(*ours);
        }
        let mut ports = self.ports.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (listener, ours) = ports.listener()?;
        self.listen(listener, Some(node), address)?;
        nodes.insert(node, ours);
        Ok(ours)
    }
}
