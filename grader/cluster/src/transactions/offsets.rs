//! TxnOffsetCommit: offsets that count when the transaction is committed.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};

use super::add::{Admission, admit};
use super::state::Target;
use crate::call::{Caller, Step};
use crate::core::Core;
use crate::group::{self, Committed, MemberClaim};
use crate::producers::Producer;
use crate::time::Now;

type Outcome = Result<(), ResponseError>;

pub(super) fn step(core: &mut Core, request: &TxnOffsetCommitRequest, caller: &Caller, now: Now) -> Step {
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut offsets = Vec::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            let index = partition.partition_index;
            let known = core.topics.get(&topic.name).is_some_and(|topic| topic.partition(index).is_some());
            if !known {
                outcomes.push(Some(Err(ResponseError::UnknownTopicOrPartition)));
                continue;
            }
            outcomes.push(None);
            let committed = Committed {
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata: partition.committed_metadata.as_deref().unwrap_or_default().to_owned(),
                at_ms: now.wall_ms,
            };
            offsets.push(((topic.name.to_string(), index), committed));
        }
    }
    if !offsets.is_empty() {
        let mut staged = stage(core, request, offsets, caller, now).into_iter();
        outcomes.iter_mut().filter(|outcome| outcome.is_none()).for_each(|outcome| *outcome = staged.next());
    }
    let mut outcomes = outcomes.into_iter().flatten();
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

fn stage(
    core: &mut Core,
    request: &TxnOffsetCommitRequest,
    offsets: Vec<((String, i32), Committed)>,
    caller: &Caller,
    now: Now,
) -> Vec<Outcome> {
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    if let Err(error) = check(core, request, producer, caller, now) {
        return vec![Err(error); offsets.len()];
    }
    let claim = MemberClaim {
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let staged = group::stage_offsets(core, &request.group_id, producer.id, &claim, offsets);
    if staged.iter().any(Result::is_ok) {
        let group = request.group_id.to_string();
        let noted = core.transactions.change(&request.transactional_id, |transaction| transaction.groups.insert(group));
        debug_assert!(noted.is_ok());
    }
    // These versions know no newer error.
    staged.into_iter().map(|outcome| outcome.map_err(older_error)).collect()
}

fn check(core: &mut Core, request: &TxnOffsetCommitRequest, producer: Producer, caller: &Caller, now: Now) -> Outcome {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    core.check_coordinator(&request.group_id, caller)?;
    let admission = Admission::of_offset_commit(caller.version);
    admit(core, &request.transactional_id, producer, admission, Target::offsets(&request.group_id), now)
}

/// An error that TxnOffsetCommit can say in the versions that are served (`OffsetMetadataManager`).
fn older_error(error: ResponseError) -> ResponseError {
    match error {
        ResponseError::GroupIdNotFound | ResponseError::StaleMemberEpoch => ResponseError::IllegalGeneration,
        error => error,
    }
}
