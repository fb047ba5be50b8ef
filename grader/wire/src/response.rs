//! What brokers answer, as far as a check may want to know it.

use serde::{Deserialize, Serialize};

use super::request::TopicPartition;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Produced {
    pub topic: String,
    pub partition: i32,
    pub error: i16,
    /// Where the first record of the batch went; -1 with an error.
    pub base_offset: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fetched {
    pub topic: String,
    pub partition: i32,
    pub error: i16,
    pub high_watermark: i64,
    /// First and last offset that the answer covers. The first may lie before what was asked for (a batch is served
    /// whole), and transaction markers are included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<(i64, i64)>,
    /// Records in those batches, markers not counted.
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartitionError {
    pub topic: String,
    pub partition: i32,
    pub error: i16,
}

/// A committed offset as the group's coordinator tells it; -1 where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Committed {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub error: i16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listed {
    pub topic: String,
    pub partition: i32,
    pub error: i16,
    pub offset: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Broker {
    pub node: i32,
    pub host: String,
    pub port: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Topic {
    pub name: String,
    /// Present from v10 on; ties the ids of KIP-848 heartbeats to names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub error: i16,
    pub partitions: Vec<Partition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Partition {
    pub partition: i32,
    pub error: i16,
    pub leader: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coordinator {
    /// Empty before v4, which answers for the one key that was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    pub error: i16,
    pub node: i32,
    pub host: String,
    pub port: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "api", rename_all = "snake_case")]
pub enum Response {
    Produce {
        partitions: Vec<Produced>,
    },
    Fetch {
        error: i16,
        partitions: Vec<Fetched>,
    },
    ListOffsets {
        partitions: Vec<Listed>,
    },
    Metadata {
        brokers: Vec<Broker>,
        topics: Vec<Topic>,
    },
    OffsetCommit {
        partitions: Vec<PartitionError>,
    },
    OffsetFetch {
        error: i16,
        offsets: Vec<Committed>,
    },
    FindCoordinator {
        coordinators: Vec<Coordinator>,
    },
    JoinGroup {
        error: i16,
        generation: i32,
        member: String,
        leader: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        protocol: Option<String>,
        /// Only the leader is told who else is there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<String>,
    },
    SyncGroup {
        error: i16,
        partitions: Vec<TopicPartition>,
    },
    Heartbeat {
        error: i16,
    },
    LeaveGroup {
        /// The first error, of the request or of one of its members.
        error: i16,
    },
    ConsumerGroupHeartbeat {
        error: i16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<String>,
        epoch: i32,
        heartbeat_interval_ms: i32,
        /// `None`: unchanged. Topics are ids here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignment: Option<Vec<TopicPartition>>,
    },
    InitProducerId {
        error: i16,
        producer_id: i64,
        epoch: i16,
    },
    AddPartitionsToTxn {
        error: i16,
        partitions: Vec<PartitionError>,
    },
    AddOffsetsToTxn {
        error: i16,
    },
    TxnOffsetCommit {
        partitions: Vec<PartitionError>,
    },
    EndTxn {
        error: i16,
    },
    ApiVersions {
        error: i16,
    },
    Other,
}

impl Response {
    /// The first error in the answer, of the whole or of a part; 0 where all went well.
    pub fn error(&self) -> i16 {
        use Response::*;
        match self {
            Produce { partitions } => first(0, partitions.iter().map(|p| p.error)),
            Fetch { error, partitions } => first(*error, partitions.iter().map(|p| p.error)),
            ListOffsets { partitions } => first(0, partitions.iter().map(|p| p.error)),
            Metadata { topics, .. } => first(0, topics.iter().map(|t| t.error)),
            OffsetCommit { partitions } | TxnOffsetCommit { partitions } => {
                first(0, partitions.iter().map(|p| p.error))
            }
            AddPartitionsToTxn { error, partitions } => first(*error, partitions.iter().map(|p| p.error)),
            OffsetFetch { error, offsets } => first(*error, offsets.iter().map(|o| o.error)),
            FindCoordinator { coordinators } => first(0, coordinators.iter().map(|c| c.error)),
            JoinGroup { error, .. }
            | SyncGroup { error, .. }
            | Heartbeat { error }
            | LeaveGroup { error }
            | ConsumerGroupHeartbeat { error, .. }
            | InitProducerId { error, .. }
            | AddOffsetsToTxn { error }
            | EndTxn { error }
            | ApiVersions { error } => *error,
            Other => 0,
        }
    }
}

fn first(whole: i16, parts: impl IntoIterator<Item = i16>) -> i16 {
    std::iter::once(whole).chain(parts).find(|&error| error != 0).unwrap_or(0)
}
