//! All state of a cluster, and the way from a request to its handler.

pub(crate) mod admin;
mod authorized;
pub mod call;
mod delete_records;
mod fetch;
mod find_coordinator;
pub(crate) mod group;
mod init_producer_id;
mod leader_epochs;
mod list_offsets;
mod metadata;
mod produce;
pub(crate) mod transactions;

use std::collections::HashMap;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::RequestKind;
use rand::SeedableRng;
use rand::rngs::StdRng;
use uuid::Uuid;

use self::admin::NewTopic;
use self::call::{Call, Step};
use self::group::Groups;
use self::transactions::Transactions;
use crate::log::config::LogConfig;
use crate::nodes::{Node, Nodes};
use crate::partition::Marker;
use crate::producers::Producers;
use crate::settings::Settings;
use crate::time::Now;
use crate::topics::Topics;
use crate::versions;
use crate::watch::{Connection, Watched, Watches};

/// The state of one cluster. It changes in [`Core::step`], [`Core::tick`] and by [`crate::drill`], and nowhere else.
#[derive(Debug)]
pub struct Core {
    pub(crate) settings: Settings,
    pub(crate) cluster_id: String,
    pub(crate) nodes: Nodes,
    pub(crate) topics: Topics,
    pub(crate) groups: Groups,
    pub(crate) producers: Producers,
    pub(crate) transactions: Transactions,
    /// Where a drill has put the coordinators of groups and transactional ids.
    pub(crate) moved_coordinators: HashMap<String, i32>,
    /// Bytes of all logs together, at most: what was deleted is still counted until there is no more room.
    pub(crate) log_bytes: usize,
    pub(crate) watches: Watches,
    pub(crate) random: StdRng,
}

impl Core {
    /// A cluster without topics, whose nodes listen at these addresses. Ids are drawn from `seed`.
    pub fn new(settings: Settings, addresses: &[(String, u16)], seed: u64) -> Core {
        let node = |(id, (host, port)): (i32, &(String, u16))| Node { id, host: host.clone(), port: *port, up: true };
        let nodes = Nodes((settings.first_node..).zip(addresses).map(node).collect());
        let mut core = Core {
            settings,
            cluster_id: String::new(),
            nodes,
            topics: Topics::default(),
            groups: Groups::default(),
            producers: Producers::default(),
            transactions: Transactions::default(),
            moved_coordinators: HashMap::new(),
            log_bytes: 0,
            watches: Watches::default(),
            random: StdRng::seed_from_u64(seed),
        };
        core.cluster_id = core.new_id().simple().to_string()[..22].to_owned();
        core
    }

    /// Carries out a request, or looks again at one that waits.
    pub fn step(&mut self, call: &mut Call, now: Now) -> Step {
        self.tick(now);
        let Call { caller, request, waiting } = call;
        // A node that is away answers nothing, not even what was asked before it went.
        if !self.nodes.is_up(caller.node) {
            return Step::HangUp;
        }
        use RequestKind::*;
        match request {
            ApiVersions(request) => Step::answer(versions::answer(request, caller.version)),
            Metadata(request) => metadata::step(self, request, caller, now),
            FindCoordinator(request) => find_coordinator::step(self, request, caller),

            Produce(request) => produce::step(self, request, caller, waiting, now),
            Fetch(request) => fetch::step(self, request, caller, waiting, now),
            ListOffsets(request) => list_offsets::step(self, request, caller),
            OffsetForLeaderEpoch(request) => leader_epochs::step(self, request, caller),
            DeleteRecords(request) => delete_records::step(self, request, caller),

            JoinGroup(_)
            | SyncGroup(_)
            | Heartbeat(_)
            | LeaveGroup(_)
            | ConsumerGroupHeartbeat(_)
            | OffsetCommit(_)
            | OffsetFetch(_)
            | OffsetDelete(_)
            | ListGroups(_)
            | DescribeGroups(_)
            | ConsumerGroupDescribe(_)
            | DeleteGroups(_) => group::step(self, request, caller, waiting, now),

            InitProducerId(request) => init_producer_id::step(self, request, caller, now),
            AddPartitionsToTxn(_)
            | AddOffsetsToTxn(_)
            | TxnOffsetCommit(_)
            | EndTxn(_)
            | DescribeTransactions(_)
            | ListTransactions(_)
            | DescribeProducers(_) => transactions::step(self, request, caller, now),

            CreateTopics(_)
            | DeleteTopics(_)
            | CreatePartitions(_)
            | DescribeConfigs(_)
            | AlterConfigs(_)
            | IncrementalAlterConfigs(_)
            | ListConfigResources(_)
            | DescribeCluster(_)
            | DescribeTopicPartitions(_)
            | DescribeLogDirs(_)
            | ListPartitionReassignments(_)
            | DescribeAcls(_)
            | CreateAcls(_)
            | DeleteAcls(_)
            | DescribeClientQuotas(_)
            | DescribeUserScramCredentials(_) => admin::step(self, request, caller),

            // Not in the table of versions, so it never comes here; and if it did, Kafka would close the connection.
            _ => Step::HangUp,
        }
    }

    /// Lets everything happen whose time has come.
    pub fn tick(&mut self, now: Now) {
        group::tick(self, now);
        transactions::tick(self, now);
    }

    /// When [`Core::tick`] has something to do, on the clock of [`Now::elapsed`].
    pub fn next_timer(&self) -> Option<Duration> {
        [self.groups.next_timer(), self.transactions.next_timer()].into_iter().flatten().min()
    }

    /// The connections that have to look again at the request that they wait for.
    pub fn take_woken(&mut self) -> Vec<Connection> {
        self.watches.take_woken()
    }

    /// The connection is gone, and the request that it waited for with it. What the request has done remains.
    pub fn disconnected(&mut self, connection: Connection) {
        self.watches.withdraw(connection);
        self.groups.disconnected(connection);
    }

    /// Makes a topic. What `wanted` does not say is as the settings of the cluster say.
    ///
    /// # Errors
    /// What Kafka answers to CreateTopics.
    pub fn create_topic(&mut self, name: &str, wanted: &NewTopic) -> Result<Uuid, ResponseError> {
        admin::create_topic(self, name, wanted)
    }

    /// Ends a producer's transaction in a partition (the WriteTxnMarkers of Kafka's coordinator): writes the marker, and
    /// wakes whoever waits for the partition. Returns the marker's offset.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`, and what [`Partition::append_marker`] says.
    pub(crate) fn append_marker(
        &mut self,
        topic: &str,
        partition: i32,
        marker: &Marker,
        now: Now,
    ) -> Result<i64, ResponseError> {
        let topic = self.topics.get_mut(topic).ok_or(ResponseError::UnknownTopicOrPartition)?;
        let (id, min_in_sync) = (topic.id, LogConfig::new(&topic.settings, &self.settings).min_in_sync);
        let led = topic.partition_mut(partition).ok_or(ResponseError::UnknownTopicOrPartition)?;
        let offset = led.append_marker(marker, min_in_sync, now)?;
        self.watches.wake(&Watched::Partition(id, partition));
        Ok(offset)
    }

    /// A random id, as topics and members have.
    pub(crate) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(rand::RngExt::random(&mut self.random)).into_uuid()
    }
}
