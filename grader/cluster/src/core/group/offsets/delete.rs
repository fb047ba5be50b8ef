//! OffsetDelete: a group forgets how far it has come.

use std::collections::HashSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use kafka_protocol::messages::{OffsetDeleteRequest, OffsetDeleteResponse};

use super::commit::has_partition;
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::Members;

pub(in crate::core::group) fn delete(core: &mut Core, request: &OffsetDeleteRequest, caller: &Caller) -> Step {
    let group = &*request.group_id;
    if let Err(error) = check(core, group, caller) {
        return Step::answer(OffsetDeleteResponse::default().with_error_code(error.code()));
    }
    let mut forgotten: HashSet<(&str, i32)> = HashSet::new();
    let topics = request.topics.iter().map(|topic| {
        let subscribed = subscribes(core, group, &topic.name);
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let error = match has_partition(core, &topic.name, index) {
                false => ResponseError::UnknownTopicOrPartition.code(),
                true if subscribed => ResponseError::GroupSubscribedToTopic.code(),
                true => {
                    forgotten.insert((&topic.name, index));
                    0
                }
            };
            OffsetDeleteResponsePartition::default().with_partition_index(index).with_error_code(error)
        });
        let partitions = partitions.collect();
        OffsetDeleteResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions)
    });
    let answer = OffsetDeleteResponse::default().with_topics(topics.collect());
    if let Some(group) = core.groups.get_mut(group) {
        group.offsets.forget(|topic, partition| forgotten.contains(&(topic, partition)));
    }
    Step::answer(answer)
}

fn check(core: &Core, group: &str, caller: &Caller) -> Result<(), ResponseError> {
    if group.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    core.check_coordinator(group, caller)?;
    match &core.groups.get(group).ok_or(ResponseError::GroupIdNotFound)?.members {
        // Nobody knows what members of another kind (Kafka Connect's) need.
        Members::Classic(group) if !group.is_empty() && !group.uses_consumer_protocol() => {
            Err(ResponseError::NonEmptyGroup)
        }
        _ => Ok(()),
    }
}

fn subscribes(core: &Core, group: &str, topic: &str) -> bool {
    match core.groups.get(group).map(|group| &group.members) {
        Some(Members::Classic(group)) => group.subscribes(topic),
        Some(Members::Consumer(group)) => group.subscribes(topic),
        None => false,
    }
}
