//! OffsetFetch: where a group goes on.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{GroupId, OffsetFetchRequest, OffsetFetchResponse, TopicName};

use super::{Committed, Offsets};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::Members;

/// The partitions that are asked for.
struct Asked<'a> {
    group: &'a GroupId,
    /// By topic; none means all that have something committed.
    topics: Option<Vec<(&'a TopicName, &'a [i32])>>,
    member: Option<&'a str>,
    epoch: i32,
    require_stable: bool,
}

pub(in crate::core::group) fn fetch(core: &Core, request: &OffsetFetchRequest, caller: &Caller) -> Step {
    // Several groups at once from version 8 on (KIP-709).
    if caller.version >= 8 {
        let groups = request.groups.iter().map(|asked| answer_group(core, request, asked, caller));
        return Step::answer(OffsetFetchResponse::default().with_groups(groups.collect()));
    }
    let topics = request.topics.as_ref();
    let topics = topics.map(|topics| topics.iter().map(|t| (&t.name, t.partition_indexes.as_slice())).collect());
    let (group, require_stable) = (&request.group_id, request.require_stable);
    let asked = Asked { group, topics, member: None, epoch: -1, require_stable };
    let answer = match find(core, &asked, caller) {
        Ok(topics) => OffsetFetchResponse::default().with_topics(topics.into_iter().map(as_older).collect()),
        // Version 1 has no error of its own: it is said of each partition.
        Err(error) if caller.version < 2 => {
            let topics = asked.topics.unwrap_or_default().into_iter().map(|(topic, partitions)| {
                let partitions = partitions.iter().map(|index| without_offset(*index, Some(error))).collect();
                as_older(OffsetFetchResponseTopics::default().with_name(topic.clone()).with_partitions(partitions))
            });
            OffsetFetchResponse::default().with_topics(topics.collect())
        }
        Err(error) => OffsetFetchResponse::default().with_error_code(error.code()),
    };
    Step::answer(answer)
}

fn answer_group(
    core: &Core,
    request: &OffsetFetchRequest,
    group: &OffsetFetchRequestGroup,
    caller: &Caller,
) -> OffsetFetchResponseGroup {
    let topics = group.topics.as_ref();
    let topics = topics.map(|topics| topics.iter().map(|t| (&t.name, t.partition_indexes.as_slice())).collect());
    let (member, epoch) = (group.member_id.as_deref(), group.member_epoch);
    let asked = Asked { group: &group.group_id, topics, member, epoch, require_stable: request.require_stable };
    let answer = OffsetFetchResponseGroup::default().with_group_id(group.group_id.clone());
    match find(core, &asked, caller) {
        Ok(topics) => answer.with_topics(topics),
        Err(error) => answer.with_error_code(error.code()),
    }
}

fn find(core: &Core, asked: &Asked<'_>, caller: &Caller) -> Result<Vec<OffsetFetchResponseTopics>, ResponseError> {
    core.check_coordinator(asked.group, caller)?;
    let group = core.groups.get(asked.group);
    if let Some(Members::Consumer(group)) = group.map(|group| &group.members) {
        group.check_fetch(asked.member, asked.epoch)?;
    }
    // A group that is not there has committed nothing.
    let offsets = group.map(|group| &group.offsets);
    let answer = |topic: &str, partition: i32| match offsets {
        Some(offsets) => answer_partition(offsets, topic, partition, asked.require_stable),
        None => without_offset(partition, None),
    };
    let topic = |name: &TopicName| OffsetFetchResponseTopics::default().with_name(name.clone());
    if let Some(topics) = &asked.topics {
        let topics = topics.iter().map(|(name, partitions)| {
            topic(name).with_partitions(partitions.iter().map(|index| answer(name, *index)).collect())
        });
        return Ok(topics.collect());
    }
    let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
    for (name, partition, _) in offsets.into_iter().flat_map(Offsets::iter) {
        if topics.last().is_none_or(|last| **last.name != *name) {
            topics.push(topic(&TopicName(name.to_owned().into())));
        }
        if let Some(last) = topics.last_mut() {
            last.partitions.push(answer(name, partition));
        }
    }
    Ok(topics)
}

fn answer_partition(
    offsets: &Offsets,
    topic: &str,
    partition: i32,
    require_stable: bool,
) -> OffsetFetchResponsePartitions {
    if require_stable && offsets.is_unstable(topic, partition) {
        return without_offset(partition, Some(ResponseError::UnstableOffsetCommit));
    }
    let Some(Committed { offset, leader_epoch, metadata }) = offsets.get(topic, partition) else {
        return without_offset(partition, None);
    };
    OffsetFetchResponsePartitions::default()
        .with_partition_index(partition)
        .with_committed_offset(*offset)
        .with_committed_leader_epoch(*leader_epoch)
        .with_metadata(Some(metadata.clone().into()))
}

fn without_offset(partition: i32, error: Option<ResponseError>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions::default()
        .with_partition_index(partition)
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(Default::default()))
        .with_error_code(error.map_or(0, |error| error.code()))
}

/// The same in the words of versions before 8.
fn as_older(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let partitions = topic.partitions.into_iter().map(|partition| {
        OffsetFetchResponsePartition::default()
            .with_partition_index(partition.partition_index)
            .with_committed_offset(partition.committed_offset)
            .with_committed_leader_epoch(partition.committed_leader_epoch)
            .with_metadata(partition.metadata)
            .with_error_code(partition.error_code)
    });
    OffsetFetchResponseTopic::default().with_name(topic.name).with_partitions(partitions.collect())
}
