//! One partition: its leader, its replicas, its log.

use crate::log::Log;

/// A copy of the log on one node. Its log is the leader's, up to `end`.
#[derive(Clone, Debug)]
pub struct Replica {
    pub node: i32,
    /// The offset after the last record that it has.
    pub end: i64,
    pub in_sync: bool,
    /// Does it fetch from the leader? One that does has everything at once.
    pub follows: bool,
}

#[derive(Debug)]
pub struct Partition {
    pub index: i32,
    /// None while no replica that may lead is there.
    pub leader: Option<i32>,
    /// Rises with each change of the leader.
    pub epoch: i32,
    pub replicas: Vec<Replica>,
    pub log: Log,
}

impl Partition {
    /// An empty one, whose first replica leads.
    pub fn new(index: i32, nodes: &[i32]) -> Partition {
        let replicas = nodes.iter().map(|node| Replica { node: *node, end: 0, in_sync: true, follows: true });
        Partition { index, leader: nodes.first().copied(), epoch: 0, replicas: replicas.collect(), log: Log::default() }
    }
}
