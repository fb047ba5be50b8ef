//! TxnOffsetCommit: offsets that count when the transaction is committed.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TopicName, TxnOffsetCommitRequest, TxnOffsetCommitResponse};

use super::state::Target;
use super::verify::{Admission, admit};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::{self, Committed, MemberClaim};
use crate::producers::Producer;
use crate::time::Now;

type Offsets = Vec<((TopicName, i32), Committed)>;

pub(super) fn step(core: &mut Core, request: &TxnOffsetCommitRequest, caller: &Caller, now: Now) -> Step {
    let mut outcomes = stage(core, request, caller, now).into_iter();
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let error = outcomes.next().and_then(Result::err).map_or(0, |error| error.code());
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(error)
        });
        TxnOffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    Step::answer(TxnOffsetCommitResponse::default().with_topics(topics.collect()))
}

/// The outcomes are in the order of the request.
fn stage(
    core: &mut Core,
    request: &TxnOffsetCommitRequest,
    caller: &Caller,
    now: Now,
) -> Vec<Result<(), ResponseError>> {
    let offsets = read(request);
    let exists = |(topic, index): &(TopicName, i32)| {
        core.topics.get(topic).is_some_and(|topic| topic.partition(*index).is_some())
    };
    // Kafka sorts out what is not there before anybody else is asked.
    let known: Vec<bool> = offsets.iter().map(|(partition, _)| exists(partition)).collect();
    if known.contains(&true)
        && let Err(error) = check(core, request, caller, now)
    {
        let outcome = |known| Err(if known { error } else { ResponseError::UnknownTopicOrPartition });
        return known.into_iter().map(outcome).collect();
    }
    let claim = MemberClaim {
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let staged = group::stage_offsets(core, &request.group_id, request.producer_id.0, &claim, offsets, caller);
    if staged.iter().any(Result::is_ok) {
        let group = request.group_id.to_string();
        let noted = core.transactions.change(&request.transactional_id, |transaction| transaction.groups.insert(group));
        debug_assert!(noted.is_ok());
    }
    staged
}

fn read(request: &TxnOffsetCommitRequest) -> Offsets {
    let topics = request.topics.iter();
    let partitions = topics.flat_map(|topic| topic.partitions.iter().map(move |partition| (topic, partition)));
    let offsets = partitions.map(|(topic, partition)| {
        let committed = Committed {
            offset: partition.committed_offset,
            leader_epoch: partition.committed_leader_epoch,
            metadata: partition.committed_metadata.as_deref().unwrap_or_default().to_owned(),
        };
        ((topic.name.clone(), partition.partition_index), committed)
    });
    offsets.collect()
}

/// Is this the group's coordinator, and may the producer commit offsets for the group in its transaction?
fn check(core: &mut Core, request: &TxnOffsetCommitRequest, caller: &Caller, now: Now) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    core.check_coordinator(&request.group_id, caller)?;
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let admission = Admission::to_commit_offsets(caller.version);
    admit(core, &request.transactional_id, producer, admission, Target::offsets(&request.group_id), now)
}
