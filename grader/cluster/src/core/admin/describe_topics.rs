//! DescribeTopicPartitions: topics in pages, for clusters with many partitions (KIP-966).

use std::collections::BTreeSet;

use kafka_protocol::ResponseError::{
    InvalidRequest, InvalidTopicException, LeaderNotAvailable, UnknownTopicOrPartition,
};
use kafka_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::messages::{BrokerId, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::is_topic_name;
use crate::core::Core;
use crate::core::authorized::{NO_OPERATIONS, TOPIC_OPERATIONS};
use crate::core::call::Step;
use crate::partition::Partition;

/// `max.request.partition.size.limit`: partitions in one answer.
const MOST_PARTITIONS: usize = 2_000;

pub(super) fn step(core: &mut Core, request: &DescribeTopicPartitionsRequest) -> Step {
    let asked_by_name = !request.topics.is_empty();
    let mut names: BTreeSet<String> = match asked_by_name {
        true => request.topics.iter().map(|topic| topic.name.to_string()).collect(),
        false => core.topics.iter().map(|topic| topic.name.clone()).collect(),
    };
    let cursor = request.cursor.as_ref().map(|cursor| (cursor.topic_name.as_str(), cursor.partition_index));
    if cursor.is_some_and(|(_, partition)| partition < 0) {
        let refused = names.iter().map(|name| refused(name, InvalidRequest.code()));
        let refused = refused.map(|topic| topic.with_topic_authorized_operations(NO_OPERATIONS));
        return Step::answer(DescribeTopicPartitionsResponse::default().with_topics(refused.collect()));
    }
    if let Some((topic, _)) = cursor {
        names.retain(|name| name.as_str() >= topic);
    }

    let mut room = usize::try_from(request.response_partition_limit).unwrap_or(0).clamp(1, MOST_PARTITIONS);
    let mut topics = Vec::new();
    for name in names {
        let Some(topic) = core.topics.get(&name) else {
            let error = if is_topic_name(&name) { UnknownTopicOrPartition } else { InvalidTopicException };
            topics.extend(asked_by_name.then(|| refused(&name, error.code())));
            continue;
        };
        let first = cursor.filter(|(topic, _)| *topic == name).map_or(0, |(_, partition)| partition);
        let rest: Vec<&Partition> = topic.partitions.iter().filter(|partition| partition.index >= first).collect();
        let (shown, left) = rest.split_at(rest.len().min(room));
        room -= shown.len();
        // A topic of which nothing is shown is left to the next page as a whole.
        if !shown.is_empty() || left.is_empty() {
            topics.push(
                DescribeTopicPartitionsResponseTopic::default()
                    .with_name(Some(topic.wire_name()))
                    .with_topic_id(topic.id)
                    .with_partitions(shown.iter().map(|partition| describe(core, partition)).collect())
                    .with_topic_authorized_operations(TOPIC_OPERATIONS),
            );
        }
        if let Some(next) = left.first() {
            let cursor = Cursor::default().with_topic_name(topic.wire_name()).with_partition_index(next.index);
            let answer = DescribeTopicPartitionsResponse::default().with_topics(topics);
            return Step::answer(answer.with_next_cursor(Some(cursor)));
        }
    }
    Step::answer(DescribeTopicPartitionsResponse::default().with_topics(topics))
}

fn refused(name: &str, error: i16) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_error_code(error)
        .with_topic_authorized_operations(TOPIC_OPERATIONS)
}

fn describe(core: &Core, partition: &Partition) -> DescribeTopicPartitionsResponsePartition {
    let ids = |which: &dyn Fn(i32, bool) -> bool| -> Vec<BrokerId> {
        let copies = partition.replicas.iter().filter(|copy| which(copy.node, copy.in_sync));
        copies.map(|copy| BrokerId(copy.node)).collect()
    };
    let error = partition.leader.map_or(LeaderNotAvailable.code(), |_| 0);
    DescribeTopicPartitionsResponsePartition::default()
        .with_error_code(error)
        .with_partition_index(partition.index)
        .with_leader_id(BrokerId(partition.leader.unwrap_or(-1)))
        .with_leader_epoch(partition.epoch)
        .with_replica_nodes(ids(&|_, _| true))
        .with_isr_nodes(ids(&|_, in_sync| in_sync))
        .with_eligible_leader_replicas(Some(Vec::new()))
        .with_last_known_elr(Some(Vec::new()))
        .with_offline_replicas(ids(&|node, _| !core.nodes.is_up(node)))
}
