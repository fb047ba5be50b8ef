//! What evidence calls a request, and which group it is about.

use super::{Request, Response};

/// Both enums have the same kinds under the same names.
macro_rules! names {
    ($($kind:ident = $name:literal,)*) => {
        impl Request {
            /// The kind as patterns write it: `offset_commit`.
            pub fn name(&self) -> &'static str {
                match self { $(Request::$kind { .. } => $name,)* Request::Other => "other" }
            }
        }
        impl Response {
            /// The kind as patterns write it: `offset_commit`.
            pub fn name(&self) -> &'static str {
                match self { $(Response::$kind { .. } => $name,)* Response::Other => "other" }
            }
        }
    };
}

names! {
    Produce = "produce",
    Fetch = "fetch",
    ListOffsets = "list_offsets",
    Metadata = "metadata",
    OffsetCommit = "offset_commit",
    OffsetFetch = "offset_fetch",
    FindCoordinator = "find_coordinator",
    JoinGroup = "join_group",
    SyncGroup = "sync_group",
    Heartbeat = "heartbeat",
    LeaveGroup = "leave_group",
    ConsumerGroupHeartbeat = "consumer_group_heartbeat",
    InitProducerId = "init_producer_id",
    AddPartitionsToTxn = "add_partitions_to_txn",
    AddOffsetsToTxn = "add_offsets_to_txn",
    TxnOffsetCommit = "txn_offset_commit",
    EndTxn = "end_txn",
    ApiVersions = "api_versions",
}

impl Request {
    /// The consumer group that it is about, if any.
    pub fn group(&self) -> Option<&str> {
        use Request::*;
        match self {
            OffsetCommit { group, .. }
            | OffsetFetch { group, .. }
            | JoinGroup { group, .. }
            | SyncGroup { group, .. }
            | Heartbeat { group, .. }
            | LeaveGroup { group, .. }
            | ConsumerGroupHeartbeat { group, .. }
            | AddOffsetsToTxn { group, .. }
            | TxnOffsetCommit { group, .. } => Some(group),
            _ => None,
        }
    }
}
