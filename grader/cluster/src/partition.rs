//! One partition: its leader, its replicas, its log, and what it remembers of producers.

use kafka_protocol::ResponseError;

use crate::log::Log;
use crate::log::batch::Batch;
use crate::log::producer_state::{Ended, ProducerStates};
use crate::time::Now;

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

/// What ends the transaction of a producer in a partition.
#[derive(Clone, Copy, Debug)]
pub struct Marker {
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub commit: bool,
    pub coordinator_epoch: i32,
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    pub last_offset: i64,
    /// It had been written before, with this newest timestamp, and was not written again.
    pub repeated: Option<i64>,
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
    pub producers: ProducerStates,
    high_watermark: i64,
}

impl Partition {
    /// An empty one, whose first replica leads.
    pub fn new(index: i32, nodes: &[i32]) -> Partition {
        let replicas = nodes.iter().map(|node| Replica { node: *node, end: 0, in_sync: true, follows: true });
        let mut log = Log::default();
        log.epochs.assign(0, 0);
        Partition {
            index,
            leader: nodes.first().copied(),
            epoch: 0,
            replicas: replicas.collect(),
            log,
            producers: ProducerStates::default(),
            high_watermark: 0,
        }
    }

    pub fn replica(&self, node: i32) -> Option<&Replica> {
        self.replicas.iter().find(|replica| replica.node == node)
    }

    pub fn replica_mut(&mut self, node: i32) -> Option<&mut Replica> {
        self.replicas.iter_mut().find(|replica| replica.node == node)
    }

    /// How many replicas have everything that was acknowledged.
    pub fn in_sync(&self) -> usize {
        self.replicas.iter().filter(|replica| replica.in_sync).count()
    }

    /// Are there fewer in-sync replicas than `min.insync.replicas` wants? It never wants more than there are replicas.
    pub fn is_under_min_in_sync(&self, min_in_sync: usize) -> bool {
        self.in_sync() < min_in_sync.min(self.replicas.len())
    }

    /// Is this node's copy the one that clients write to, and is it the leader that the client knows of? An epoch of -1
    /// claims nothing.
    ///
    /// # Errors
    /// `NotLeaderOrFollower`, `FencedLeaderEpoch` (the client knows an older leader), `UnknownLeaderEpoch` (a newer one).
    pub fn check_leader(&self, node: i32, client_epoch: i32) -> Result<(), ResponseError> {
        self.check_replica(node, client_epoch)?;
        match self.leader == Some(node) {
            true => Ok(()),
            false => Err(ResponseError::NotLeaderOrFollower),
        }
    }

    /// The same, where a follower will do.
    ///
    /// # Errors
    /// As for [`Partition::check_leader`].
    pub fn check_replica(&self, node: i32, client_epoch: i32) -> Result<&Replica, ResponseError> {
        let replica = self.replica(node).ok_or(ResponseError::NotLeaderOrFollower)?;
        match client_epoch {
            ..0 => Ok(replica),
            epoch if epoch < self.epoch => Err(ResponseError::FencedLeaderEpoch),
            epoch if epoch > self.epoch => Err(ResponseError::UnknownLeaderEpoch),
            _ => Ok(replica),
        }
    }

    /// The offset below which every in-sync replica has everything. Consumers read up to here.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// The offset below which every transaction is decided. Consumers that want committed records only read up to here.
    pub fn last_stable_offset(&self) -> i64 {
        let unstable = self.producers.first_unstable(self.high_watermark);
        unstable.map_or(self.high_watermark, |first| first.min(self.high_watermark))
    }

    /// Appends what a producer has sent, unless it is there already. The batch is valid, and this node leads.
    ///
    /// # Errors
    /// What [`ProducerStates::check`] says.
    pub fn append(&mut self, batch: Batch, min_in_sync: usize) -> Result<Appended, ResponseError> {
        let sent = batch.header;
        if sent.has_producer() {
            if let Some(known) = self.producers.repeated(&sent) {
                let (base_offset, last_offset) = (known.base_offset, known.last_offset);
                return Ok(Appended { base_offset, last_offset, repeated: Some(known.timestamp) });
            }
            self.producers.check(&sent)?;
        }
        let base_offset = self.store(batch, min_in_sync);
        let last_offset = self.log.end() - 1;
        Ok(Appended { base_offset, last_offset, repeated: None })
    }

    /// Ends a producer's transaction here: writes the marker. Without an open transaction it is written all the same.
    ///
    /// # Errors
    /// What [`ProducerStates::check_marker`] says, and `NotLeaderOrFollower` while there is no leader.
    pub fn append_marker(&mut self, marker: &Marker, min_in_sync: usize, now: Now) -> Result<i64, ResponseError> {
        let Marker { producer_id, producer_epoch, commit, coordinator_epoch } = *marker;
        self.leader.ok_or(ResponseError::NotLeaderOrFollower)?;
        self.producers.check_marker(producer_id, producer_epoch, coordinator_epoch)?;
        let batch = Batch::marker(producer_id, producer_epoch, commit, coordinator_epoch, now.wall_ms);
        Ok(self.store(batch, min_in_sync))
    }

    fn store(&mut self, batch: Batch, min_in_sync: usize) -> i64 {
        let base = self.log.append(batch, self.epoch);
        let Partition { log, producers, .. } = self;
        log.between(base, log.end()).for_each(|batch| remember(producers, batch));
        self.replicate(min_in_sync);
        base
    }

    /// Whoever follows gets everything, and the high watermark rises as far as all in-sync replicas have come. While there
    /// are fewer of them than `min.insync.replicas`, it does not rise (KIP-966).
    pub fn replicate(&mut self, min_in_sync: usize) {
        if self.leader.is_none() {
            return;
        }
        let end = self.log.end();
        for replica in &mut self.replicas {
            if Some(replica.node) == self.leader || replica.follows {
                replica.end = end;
            }
        }
        let in_sync = self.replicas.iter().filter(|replica| replica.in_sync);
        let reached = in_sync.map(|replica| replica.end).min().unwrap_or(end);
        if !self.is_under_min_in_sync(min_in_sync) && reached > self.high_watermark {
            self.high_watermark = reached;
            self.producers.replicated(reached);
        }
    }

    /// Another replica leads, which knows only what it had. What it had not is lost, and what the partition remembers of
    /// producers is what stands in its log. Nothing happens if `node` has no replica.
    pub fn lead(&mut self, node: i32, min_in_sync: usize) {
        let Some(replica) = self.replica_mut(node) else { return };
        (replica.in_sync, replica.follows) = (true, true);
        let end = replica.end;
        if end < self.log.end() {
            self.log.truncate(end);
            self.producers = ProducerStates::default();
            self.log.batches().for_each(|batch| remember(&mut self.producers, batch));
            self.high_watermark = self.high_watermark.min(end);
            self.producers.replicated(self.high_watermark);
        }
        for replica in &mut self.replicas {
            replica.end = replica.end.min(end);
        }
        self.leader = Some(node);
        self.epoch += 1;
        self.log.epochs.assign(self.epoch, end);
        self.replicate(min_in_sync);
    }

    /// Nobody leads: no replica is there that has everything.
    pub fn lose_leader(&mut self) {
        self.leader = None;
        self.epoch += 1;
    }

    /// Deletes what lies before `start`.
    pub fn delete_before(&mut self, start: i64) {
        self.log.delete_before(start);
        self.producers.forget_before(self.log.start());
        for replica in &mut self.replicas {
            replica.end = replica.end.max(self.log.start());
        }
    }

    /// The aborted transactions of which there is something in the offsets `from..until`.
    pub fn aborted(&self, from: i64, until: i64) -> impl Iterator<Item = &Ended> {
        self.producers.aborted(from, until)
    }
}

fn remember(producers: &mut ProducerStates, batch: &Batch) {
    match batch.marked() {
        Some((commit, coordinator_epoch)) => producers.marked(&batch.header, commit, coordinator_epoch),
        None => producers.appended(&batch.header),
    }
}
