//! OffsetCommit.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::{OffsetCommitRequest, OffsetCommitResponse, TopicName};

use super::{Committed, MemberClaim, check_commit, check_partitions};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::Members;
use crate::time::Now;

pub(in crate::core::group) fn commit(
    core: &mut Core,
    request: &OffsetCommitRequest,
    caller: &Caller,
    now: Now,
) -> Step {
    let group = &*request.group_id;
    let claim = MemberClaim {
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
    };
    // Partitions that are not there are sorted out before the group is looked at; without others, it is not.
    let any = request.topics.iter().any(|topic| {
        let mut partitions = topic.partitions.iter();
        partitions.any(|partition| has_partition(core, &topic.name, partition.partition_index))
    });
    let allowed = if any { check_commit(core, group, &claim, caller, false) } else { Ok(()) };
    let allowed = allowed.and_then(|()| {
        let each = request
            .topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|partition| (&topic.name, partition.partition_index)));
        check_partitions(core, group, &claim, each.filter(|(topic, partition)| has_partition(core, topic, *partition)))
    });
    if any && allowed.is_ok() {
        renew_session(core, group, claim.member, now);
    }
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let result = match has_partition(core, &topic.name, index) {
                false => Err(ResponseError::UnknownTopicOrPartition),
                true => allowed.and_then(|()| {
                    let committed = Committed {
                        offset: partition.committed_offset,
                        leader_epoch: partition.committed_leader_epoch,
                        metadata: partition.committed_metadata.as_deref().unwrap_or_default().to_owned(),
                    };
                    check_metadata(core, &committed)?;
                    if let Some(group) = core.groups.get_mut(group) {
                        group.offsets.commit(&topic.name, index, committed);
                    }
                    Ok(())
                }),
            };
            let error = result.map_or_else(|error: ResponseError| error.code(), |()| 0);
            OffsetCommitResponsePartition::default().with_partition_index(index).with_error_code(error)
        });
        let partitions = partitions.collect();
        OffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions)
    });
    let topics = topics.collect();
    Step::answer(OffsetCommitResponse::default().with_topics(topics))
}

pub(super) fn has_partition(core: &Core, topic: &TopicName, partition: i32) -> bool {
    core.topics.get(topic).is_some_and(|topic| topic.partition(partition).is_some())
}

/// # Errors
/// `OffsetMetadataTooLarge`.
pub(super) fn check_metadata(core: &Core, committed: &Committed) -> Result<(), ResponseError> {
    // Kafka counts the units of UTF-16.
    match committed.metadata.encode_utf16().count() > core.settings.max_offset_metadata {
        true => Err(ResponseError::OffsetMetadataTooLarge),
        false => Ok(()),
    }
}

/// A classic member shows itself by its commits, too.
fn renew_session(core: &mut Core, group: &str, member: &str, now: Now) {
    if let Some(group) = core.groups.get_mut(group)
        && let Members::Classic(group) = &mut group.members
    {
        group.committed(member, now);
    }
}
