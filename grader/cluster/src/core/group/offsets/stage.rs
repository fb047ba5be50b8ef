//! What transactions commit, and what becomes of it.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::TopicName;

use super::commit::{check_metadata, has_partition};
use super::{Committed, MemberClaim, check_commit, check_partitions};
use crate::core::Core;
use crate::core::call::Caller;

/// TxnOffsetCommit: keeps offsets until the producer's transaction ends. The producer and its epoch have been checked.
///
/// The answers are in the order of `offsets`. Partitions that are not there are sorted out first; an error of the group
/// is one for each of the others.
pub(crate) fn stage_offsets(
    core: &mut Core,
    group: &str,
    producer: i64,
    claim: &MemberClaim<'_>,
    offsets: Vec<((TopicName, i32), Committed)>,
    caller: &Caller,
) -> Vec<Result<(), ResponseError>> {
    let any = offsets.iter().any(|((topic, partition), _)| has_partition(core, topic, *partition));
    let allowed = match (any, group.is_empty()) {
        (false, _) => Ok(()),
        (true, true) => Err(ResponseError::InvalidGroupId),
        (true, false) => check_commit(core, group, claim, caller, true).and_then(|()| {
            let each = offsets.iter().map(|((topic, partition), _)| (topic, *partition));
            // Clients of transactions know a stale epoch by its older name.
            check_partitions(core, group, claim, each).map_err(|_| ResponseError::IllegalGeneration)
        }),
    };
    let stage = |((topic, partition), committed): ((TopicName, i32), Committed)| {
        if !has_partition(core, &topic, partition) {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        allowed?;
        check_metadata(core, &committed)?;
        if let Some(group) = core.groups.get_mut(group) {
            group.offsets.stage(producer, &topic, partition, committed);
        }
        Ok(())
    };
    offsets.into_iter().map(stage).collect()
}

/// The producer's transaction has ended: what it has staged for the group counts now, or is forgotten.
pub(crate) fn end_transaction(core: &mut Core, group: &str, producer: i64, commit: bool) {
    if let Some(group) = core.groups.get_mut(group) {
        group.offsets.end_transaction(producer, commit);
    }
}

/// A topic was deleted, and with it what was committed for it.
pub(crate) fn forget_topic(core: &mut Core, topic: &str) {
    let ids: Vec<String> = core.groups.iter().map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        if let Some(group) = core.groups.get_mut(&id) {
            group.offsets.forget(|name, _| name == topic);
        }
    }
}
