//! What a scenario does to the cluster itself: a leader moves, a replica falls behind, a node goes away.
//!
//! Followers copy at once here, so what a real cluster shows by chance is a matter of state: a replica that has stopped
//! has what it had then, and one that resumes has everything and is in sync. Nothing happens by time alone: a replica that
//! has stopped stays in the in-sync set until it is taken out, which takes `replica.lag.time.max.ms` in a real cluster.

use serde::Deserialize;
use thiserror::Error;

use crate::core::Core;
use crate::log::config::LogConfig;
use crate::partition::{Partition, Replica};

/// One change of the cluster. A scenario writes it in kebab-case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Drill {
    /// Another in-sync replica leads from now on, and the leader before it follows. What the new leader had not copied is
    /// lost, acknowledged or not.
    LeaderMoves {
        topic: String,
        #[serde(default)]
        partition: i32,
        to: i32,
    },
    /// A replica leads that may be out of sync, as with `unclean.leader.election.enable`.
    UncleanElection {
        topic: String,
        #[serde(default)]
        partition: i32,
        to: i32,
    },
    /// A follower copies no more. It is still in the in-sync set, so that the high watermark stays where it is.
    ReplicaStops {
        topic: String,
        #[serde(default)]
        partition: i32,
        node: i32,
    },
    /// A follower copies no more and is out of the in-sync set: the others go on without it.
    ReplicaFallsOut {
        topic: String,
        #[serde(default)]
        partition: i32,
        node: i32,
    },
    /// A follower catches up and is in the in-sync set.
    ReplicaResumes {
        topic: String,
        #[serde(default)]
        partition: i32,
        node: i32,
    },
    /// A node goes away with its connections. What it leads is led by an in-sync replica, or by nobody where there is none.
    NodeLeaves { node: i32 },
    /// A node comes back, and follows. It leads again what nobody else could lead.
    NodeReturns { node: i32 },
    /// Another node looks after a consumer group, or after a transactional id of this name.
    CoordinatorMoves { group: String, to: i32 },
}

impl Drill {
    /// What happens, in words, as a timeline tells it.
    pub fn told(&self) -> String {
        match self {
            Drill::LeaderMoves { topic, partition, to } => format!("node {to} leads {topic}[{partition}] from here on"),
            Drill::UncleanElection { topic, partition, to } => {
                format!("node {to} leads {topic}[{partition}] from here on, whatever it has missed")
            }
            Drill::ReplicaStops { topic, partition, node } => {
                format!("node {node} copies {topic}[{partition}] no more")
            }
            Drill::ReplicaFallsOut { topic, partition, node } => {
                format!("node {node} is out of the in-sync replicas of {topic}[{partition}]")
            }
            Drill::ReplicaResumes { topic, partition, node } => {
                format!("node {node} has caught up with {topic}[{partition}] and is in sync")
            }
            Drill::NodeLeaves { node } => format!("node {node} goes away"),
            Drill::NodeReturns { node } => format!("node {node} comes back"),
            Drill::CoordinatorMoves { group, to } => format!("node {to} coordinates “{group}” from here on"),
        }
    }

    /// The same change where topics and groups have other names.
    #[must_use]
    pub fn renamed(mut self, rename_topic: impl Fn(&str) -> String, rename_group: impl Fn(&str) -> String) -> Drill {
        match &mut self {
            Drill::LeaderMoves { topic, .. }
            | Drill::UncleanElection { topic, .. }
            | Drill::ReplicaStops { topic, .. }
            | Drill::ReplicaFallsOut { topic, .. }
            | Drill::ReplicaResumes { topic, .. } => *topic = rename_topic(topic),
            Drill::CoordinatorMoves { group, .. } => *group = rename_group(group),
            Drill::NodeLeaves { .. } | Drill::NodeReturns { .. } => {}
        }
        self
    }

    /// The node that it is about.
    pub fn node(&self) -> i32 {
        match self {
            Drill::LeaderMoves { to, .. } | Drill::UncleanElection { to, .. } | Drill::CoordinatorMoves { to, .. } => {
                *to
            }
            Drill::ReplicaStops { node, .. }
            | Drill::ReplicaFallsOut { node, .. }
            | Drill::ReplicaResumes { node, .. }
            | Drill::NodeLeaves { node }
            | Drill::NodeReturns { node } => *node,
        }
    }
}

/// Why a drill cannot be carried out.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DrillError {
    #[error("there is no partition {partition} of a topic {topic:?}")]
    NoPartition { topic: String, partition: i32 },
    #[error("there is no node {0}")]
    NoNode(i32),
    #[error("node {0} is away")]
    Away(i32),
    #[error("node {0} has no replica of the partition")]
    NoReplica(i32),
    #[error("node {0} leads the partition, and a leader follows nobody")]
    Leads(i32),
    #[error("nobody leads the partition, so there is nobody to follow")]
    NoLeader,
    #[error("the replica on node {0} is not in sync: only an unclean election makes it the leader")]
    NotInSync(i32),
}

impl Core {
    /// Changes the cluster. Whoever waits for anything looks again.
    ///
    /// # Errors
    /// The drill names what is not there, or asks for what cannot be; then nothing has changed.
    pub fn drill(&mut self, drill: &Drill) -> Result<(), DrillError> {
        match drill {
            Drill::LeaderMoves { topic, partition, to } => self.move_leader(topic, *partition, *to, false)?,
            Drill::UncleanElection { topic, partition, to } => self.move_leader(topic, *partition, *to, true)?,
            Drill::ReplicaStops { topic, partition, node } => {
                self.change_follower(topic, *partition, *node, |replica| replica.follows = false)?;
            }
            Drill::ReplicaFallsOut { topic, partition, node } => {
                self.change_follower(topic, *partition, *node, |replica| {
                    (replica.follows, replica.in_sync) = (false, false);
                })?;
            }
            Drill::ReplicaResumes { topic, partition, node } => {
                self.check_up(*node)?;
                self.change_follower(topic, *partition, *node, |replica| {
                    (replica.follows, replica.in_sync) = (true, true);
                })?;
            }
            Drill::NodeLeaves { node } => self.node_leaves(*node)?,
            Drill::NodeReturns { node } => self.node_returns(*node)?,
            Drill::CoordinatorMoves { group, to } => {
                self.check_up(*to)?;
                self.moved_coordinators.insert(group.clone(), *to);
            }
        }
        self.watches.wake_everybody();
        Ok(())
    }

    fn check_up(&self, node: i32) -> Result<(), DrillError> {
        match self.nodes.get(node) {
            None => Err(DrillError::NoNode(node)),
            Some(found) if !found.up => Err(DrillError::Away(node)),
            Some(_) => Ok(()),
        }
    }

    /// A partition, and its `min.insync.replicas`.
    fn partition_mut(&mut self, topic: &str, partition: i32) -> Result<(&mut Partition, usize), DrillError> {
        let missing = || DrillError::NoPartition { topic: topic.to_owned(), partition };
        let found = self.topics.get_mut(topic).ok_or_else(missing)?;
        let min_in_sync = LogConfig::new(&found.settings, &self.settings).min_in_sync;
        Ok((found.partition_mut(partition).ok_or_else(missing)?, min_in_sync))
    }

    fn move_leader(&mut self, topic: &str, partition: i32, to: i32, unclean: bool) -> Result<(), DrillError> {
        self.check_up(to)?;
        let up: Vec<i32> = self.nodes.up().map(|node| node.id).collect();
        let (partition, min_in_sync) = self.partition_mut(topic, partition)?;
        let replica = partition.replica(to).ok_or(DrillError::NoReplica(to))?;
        if !replica.in_sync && !unclean {
            return Err(DrillError::NotInSync(to));
        }
        if partition.leader == Some(to) {
            return Ok(());
        }
        let before = partition.leader;
        for replica in &mut partition.replicas {
            if Some(replica.node) == before {
                replica.follows = up.contains(&replica.node);
            }
            // Nobody is in sync with a log that has been cut before it has cut its own.
            replica.in_sync &= !unclean;
        }
        partition.lead(to, min_in_sync);
        for replica in &mut partition.replicas {
            replica.in_sync |= replica.follows;
        }
        partition.replicate(min_in_sync);
        Ok(())
    }

    fn change_follower(
        &mut self,
        topic: &str,
        partition: i32,
        node: i32,
        change: impl FnOnce(&mut Replica),
    ) -> Result<(), DrillError> {
        let (partition, min_in_sync) = self.partition_mut(topic, partition)?;
        match partition.leader {
            None => return Err(DrillError::NoLeader),
            Some(leader) if leader == node => return Err(DrillError::Leads(node)),
            Some(_) => {}
        }
        change(partition.replica_mut(node).ok_or(DrillError::NoReplica(node))?);
        partition.replicate(min_in_sync);
        Ok(())
    }

    fn node_leaves(&mut self, node: i32) -> Result<(), DrillError> {
        self.check_up(node)?;
        self.nodes.0.iter_mut().filter(|known| known.id == node).for_each(|known| known.up = false);
        let Core { topics, nodes, settings, .. } = self;
        for topic in topics.iter_mut() {
            let min_in_sync = LogConfig::new(&topic.settings, settings).min_in_sync;
            for partition in &mut topic.partitions {
                let may_lead = |replica: &&Replica| replica.in_sync && nodes.is_up(replica.node);
                let next = partition.replicas.iter().find(may_lead).map(|replica| replica.node);
                let Some(replica) = partition.replica_mut(node) else { continue };
                replica.follows = false;
                // The last in-sync replica stays one: nobody else has everything.
                replica.in_sync &= next.is_none();
                if partition.leader == Some(node) {
                    match next {
                        Some(next) => partition.lead(next, min_in_sync),
                        None => partition.lose_leader(),
                    }
                }
                partition.replicate(min_in_sync);
            }
        }
        Ok(())
    }

    fn node_returns(&mut self, node: i32) -> Result<(), DrillError> {
        let known = self.nodes.get_mut(node).ok_or(DrillError::NoNode(node))?;
        if std::mem::replace(&mut known.up, true) {
            return Ok(());
        }
        let Core { topics, settings, .. } = self;
        for topic in topics.iter_mut() {
            let min_in_sync = LogConfig::new(&topic.settings, settings).min_in_sync;
            for partition in &mut topic.partitions {
                let leaderless = partition.leader.is_none();
                let Some(replica) = partition.replica_mut(node) else { continue };
                match (leaderless, replica.in_sync) {
                    (true, true) => partition.lead(node, min_in_sync),
                    (true, false) => continue,
                    (false, _) => (replica.follows, replica.in_sync) = (true, true),
                }
                partition.replicate(min_in_sync);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
