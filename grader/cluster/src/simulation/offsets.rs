//! OffsetCommit and OffsetFetch of the simulated consumers, in all versions.

use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::{
    GroupId, OffsetCommitRequest, OffsetFetchRequest, OffsetFetchResponse, RequestKind, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::world::World;

pub fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

/// A member that commits.
pub struct Committer<'a> {
    /// The oldest version that may be asked: members of KIP-848 know newer ones only.
    pub oldest: i16,
    pub group: &'a str,
    pub member: &'a str,
    /// Generation or member epoch.
    pub epoch: i32,
}

/// Commits an offset for one partition, or asks for the one that is committed.
pub fn commit_or_fetch(me: usize, world: &mut World, who: &Committer<'_>, partition: (&str, i32), offset: i64) {
    let node = world.coordinator(who.group);
    let (version, request): (i16, RequestKind) = match world.chance(70) {
        true => (world.pick(&[2, 5, 7, 8, 9]).max(who.oldest), commit(who, partition, offset).into()),
        false => {
            let version = world.pick(&[1, 2, 5, 7, 8, 9]).max(who.oldest);
            (version, fetch(who, partition, version).into())
        }
    };
    world.send(me, node, version, request);
}

fn commit(who: &Committer<'_>, (topic, index): (&str, i32), offset: i64) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition::default().with_partition_index(index).with_committed_offset(offset);
    let topic = OffsetCommitRequestTopic::default().with_name(topic_name(topic)).with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(GroupId(text(who.group)))
        .with_member_id(text(who.member))
        .with_generation_id_or_member_epoch(who.epoch)
        .with_topics(vec![topic])
}

fn fetch(who: &Committer<'_>, (topic, index): (&str, i32), version: i16) -> OffsetFetchRequest {
    if version < 8 {
        let topic = OffsetFetchRequestTopic::default().with_name(topic_name(topic)).with_partition_indexes(vec![index]);
        return OffsetFetchRequest::default().with_group_id(GroupId(text(who.group))).with_topics(Some(vec![topic]));
    }
    let topic = OffsetFetchRequestTopics::default().with_name(topic_name(topic)).with_partition_indexes(vec![index]);
    let mut group =
        OffsetFetchRequestGroup::default().with_group_id(GroupId(text(who.group))).with_topics(Some(vec![topic]));
    if version >= 9 {
        group = group.with_member_id(Some(text(who.member))).with_member_epoch(who.epoch);
    }
    OffsetFetchRequest::default().with_groups(vec![group])
}

/// What OffsetFetch has answered: group, topic, partition, offset.
pub fn fetched(request: &OffsetFetchRequest, answer: &OffsetFetchResponse) -> Vec<((String, String, i32), i64)> {
    let mut found = Vec::new();
    for topic in &answer.topics {
        for partition in topic.partitions.iter().filter(|partition| partition.error_code == 0) {
            let place = (request.group_id.to_string(), topic.name.to_string(), partition.partition_index);
            found.push((place, partition.committed_offset));
        }
    }
    for group in answer.groups.iter().filter(|group| group.error_code == 0) {
        for topic in &group.topics {
            for partition in topic.partitions.iter().filter(|partition| partition.error_code == 0) {
                let place = (group.group_id.to_string(), topic.name.to_string(), partition.partition_index);
                found.push((place, partition.committed_offset));
            }
        }
    }
    found
}
