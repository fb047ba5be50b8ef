//! What clients ask, as far as a check may want to know it. Names are those of Kafka's own schemas.
//!
//! Topics are names. In the few places where the protocol only has a topic id, `topic` is that id as Kafka prints it
//! (22 characters of URL-safe base64); a Metadata answer ties it to a name.

use serde::{Deserialize, Serialize};

use super::batches::Batches;

fn no(flag: &bool) -> bool {
    !flag
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    pub topic: String,
    pub partition: i32,
}

/// An offset that is committed: the *next* one to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Offset {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FetchFrom {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

/// -1 asks for the end of the log, -2 for its beginning, anything else for the first record of that time or later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OffsetQuery {
    pub topic: String,
    pub partition: i32,
    pub timestamp: i64,
}

/// What a group's leader gives to one member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assignment {
    pub member: String,
    pub partitions: Vec<TopicPartition>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "api", rename_all = "snake_case")]
pub enum Request {
    Produce {
        /// 0: no answer at all; 1: the leader has it; -1 ("all"): every in-sync replica has it.
        acks: i16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transactional_id: Option<String>,
        timeout_ms: i32,
        batches: Batches,
    },
    Fetch {
        /// 0: read_uncommitted, 1: read_committed.
        isolation: i8,
        max_wait_ms: i32,
        min_bytes: i32,
        /// Fetch sessions (KIP-227): after the first request a client may name only what changed, so `partitions` can
        /// be empty while all of them are read. -1 where the version has none, epoch -1 or 0 where all are named.
        session_epoch: i32,
        partitions: Vec<FetchFrom>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        forgotten: Vec<TopicPartition>,
    },
    ListOffsets {
        isolation: i8,
        partitions: Vec<OffsetQuery>,
    },
    Metadata {
        /// `None` asks for all topics.
        topics: Option<Vec<String>>,
    },
    OffsetCommit {
        group: String,
        /// The generation of a classic group, or the member epoch of a KIP-848 one; -1 outside a group.
        generation: i32,
        member: String,
        offsets: Vec<Offset>,
    },
    OffsetFetch {
        group: String,
        /// `None` asks for all partitions that the group has committed.
        partitions: Option<Vec<TopicPartition>>,
        /// Wait for open transactions instead of showing what they may still change (KIP-447).
        #[serde(default, skip_serializing_if = "no")]
        require_stable: bool,
        /// Further groups of the same request; only admin tools ask for several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more_groups: Vec<String>,
    },
    FindCoordinator {
        /// 0: a group's coordinator, 1: a transaction's.
        key_type: i8,
        keys: Vec<String>,
    },
    JoinGroup {
        group: String,
        member: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        session_timeout_ms: i32,
        rebalance_timeout_ms: i32,
        /// Assignors, best first: "range", "cooperative-sticky", ….
        protocols: Vec<String>,
        /// What the member subscribes to, as the first assignor's metadata says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        topics: Vec<String>,
        /// What it holds on to while the group rebalances, from the same place; an eager member has given up all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        owned: Vec<TopicPartition>,
    },
    SyncGroup {
        group: String,
        generation: i32,
        member: String,
        /// Empty except for the leader, who decides for all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        assignments: Vec<Assignment>,
    },
    Heartbeat {
        group: String,
        generation: i32,
        member: String,
    },
    LeaveGroup {
        group: String,
        members: Vec<String>,
    },
    /// Joining, heartbeat, assignment and leaving of a KIP-848 group, all in one.
    ConsumerGroupHeartbeat {
        group: String,
        member: String,
        /// 0 joins, -1 leaves, -2 leaves for a while (static member).
        epoch: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<String>,
        /// -1: unchanged.
        rebalance_timeout_ms: i32,
        /// `None`: unchanged since the last heartbeat; so too the fields below.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topics: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        regex: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignor: Option<String>,
        /// Topics are ids here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owned: Option<Vec<TopicPartition>>,
    },
    InitProducerId {
        /// `None`: idempotent, without transactions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transactional_id: Option<String>,
        timeout_ms: i32,
        /// What the producer had before, -1 for a new one.
        producer_id: i64,
        epoch: i16,
    },
    AddPartitionsToTxn {
        transactional_id: String,
        producer_id: i64,
        epoch: i16,
        partitions: Vec<TopicPartition>,
    },
    AddOffsetsToTxn {
        transactional_id: String,
        producer_id: i64,
        epoch: i16,
        group: String,
    },
    TxnOffsetCommit {
        transactional_id: String,
        group: String,
        producer_id: i64,
        epoch: i16,
        /// -1, and an empty member, where the version or the client does not say (KIP-447 fencing is then off).
        generation: i32,
        member: String,
        offsets: Vec<Offset>,
    },
    EndTxn {
        transactional_id: String,
        producer_id: i64,
        epoch: i16,
        committed: bool,
    },
    ApiVersions {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        software: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        software_version: Option<String>,
    },
    /// A kind that no check asks about.
    Other,
}
