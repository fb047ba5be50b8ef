//! The embedded Kafka: a cluster in this process, for one scenario, that nobody reaches but through its [`super::Broker`].

use std::io;

use tokio::io::DuplexStream;

use super::{BrokerError, Description, Kind};
use crate::cluster::{Cluster, Drill, NewTopic, Settings};

pub(super) fn describe(why: String) -> Description {
    let version = format!("embedded Kafka (kafkacourse {})", env!("CARGO_PKG_VERSION"));
    Description { kind: Kind::Embedded, version, why }
}

/// Opens a cluster, which takes some microseconds.
pub(super) fn open(nodes: i32, min_in_sync: i32) -> Cluster {
    let replication = i16::try_from(nodes).unwrap_or(1);
    Cluster::in_memory(Settings { nodes, replication, min_in_sync, ..Settings::default() })
}

pub(super) fn drill(cluster: &Cluster, drill: &Drill) -> Result<(), BrokerError> {
    cluster.change(|core, _| core.drill(drill)).map_err(|why| BrokerError::Drill(why.to_string()))
}

/// Opens one that listens on a port of this machine.
pub(super) fn listen() -> io::Result<Cluster> {
    Cluster::open(Settings::default())
}

pub(super) fn create_topic(cluster: &Cluster, name: &str, partitions: i32) -> Result<(), BrokerError> {
    let topic = NewTopic { partitions: Some(partitions), ..NewTopic::default() };
    let refused = |why: String| BrokerError::Topic { topic: name.to_owned(), why };
    cluster.change(|core, _| core.create_topic(name, &topic)).map_err(|error| refused(error.to_string())).map(drop)
}

pub(super) fn connect(cluster: &Cluster, address: &str) -> io::Result<DuplexStream> {
    let node = cluster.node_at(address).and_then(|node| cluster.connect(node));
    node.ok_or_else(|| {
        io::Error::new(io::ErrorKind::ConnectionRefused, format!("no node of Kafka listens at {address}"))
    })
}
