//! Committed offsets, and those that wait for the end of a transaction.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

use crate::core::Core;

/// What was committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The offset of the next record to read.
    pub offset: i64,
    /// Of the last record read; -1 if the client has not said it.
    pub leader_epoch: i32,
    pub metadata: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// As whom somebody commits.
#[derive(Clone, Copy, Debug)]
pub struct MemberClaim<'a> {
    /// Empty for those who are not members.
    pub member: &'a str,
    /// `group.instance.id` of a static member.
    pub instance: Option<&'a str>,
    /// Generation, or the member's epoch (KIP-848); negative for those who are not members.
    pub generation: i32,
}

/// By topic and partition.
pub(crate) type ByPartition = BTreeMap<(String, i32), Committed>;

/// The offsets of one group.
#[derive(Debug, Default)]
pub struct Offsets {
    pub committed: ByPartition,
    /// By producer id, those of its open transaction. They count when it is committed.
    pub pending: BTreeMap<i64, ByPartition>,
}

/// TxnOffsetCommit: keeps offsets until the producer's transaction ends. The producer and its epoch have been checked.
/// The answers are in the order of `offsets`; an error of the whole request is one for each of them.
pub(crate) fn stage_offsets(
    _core: &mut Core,
    _group: &str,
    _producer: i64,
    _claim: &MemberClaim<'_>,
    offsets: Vec<((String, i32), Committed)>,
) -> Vec<Result<(), ResponseError>> {
    offsets.iter().map(|_| Err(ResponseError::CoordinatorNotAvailable)).collect()
}

/// The producer's transaction has ended: what it has staged for the group counts now, or is forgotten.
pub(crate) fn end_transaction(_core: &mut Core, _group: &str, _producer: i64, _commit: bool) {}

/// A topic was deleted, and with it what was committed for it.
pub(crate) fn forget_topic(_core: &mut Core, _topic: &str) {}
