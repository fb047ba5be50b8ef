//! Metadata: which brokers there are, which topics, and who leads what.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::core::Core;
use crate::core::admin;
use crate::core::authorized::{CLUSTER_OPERATIONS, NO_OPERATIONS, TOPIC_OPERATIONS, allowed_operations};
use crate::core::call::{Caller, Step};
use crate::partition::Partition;
use crate::time::Now;
use crate::topics::Topic;

/// From this version on, topics can be asked for by id (KIP-516).
const LOOKS_UP_IDS_SINCE: i16 = 12;

pub(crate) fn step(core: &mut Core, request: &MetadataRequest, caller: &Caller, _now: Now) -> Step {
    if let Some(wanted) = request.topics.as_ref().filter(|wanted| asks_by_id_too_early(wanted, caller.version)) {
        return Step::answer(refused(wanted, ResponseError::InvalidRequest));
    }
    let mut topics: Vec<_> = match &request.topics {
        // An empty list means all topics in version 0, and none in later ones.
        Some(wanted) if !(wanted.is_empty() && caller.version == 0) => {
            let wanted = wanted.iter().map(|topic| (topic.name.clone(), topic.topic_id));
            let wanted: Vec<_> = wanted.collect();
            wanted.into_iter().map(|(name, id)| find(core, name, id, request.allow_auto_topic_creation)).collect()
        }
        _ => core.topics.iter().map(|topic| found(core, topic)).collect(),
    };
    let operations = allowed_operations(request.include_topic_authorized_operations, TOPIC_OPERATIONS);
    topics.iter_mut().for_each(|topic| topic.topic_authorized_operations = operations);
    let brokers = core.nodes.up().map(|node| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(node.id))
            .with_host(StrBytes::from_string(node.host.clone()))
            .with_port(node.port.into())
    });
    let answer = MetadataResponse::default()
        .with_brokers(brokers.collect())
        .with_cluster_id(Some(StrBytes::from_string(core.cluster_id.clone())))
        .with_controller_id(BrokerId(core.nodes.controller()))
        .with_topics(topics)
        .with_cluster_authorized_operations(allowed_operations(
            request.include_cluster_authorized_operations,
            CLUSTER_OPERATIONS,
        ));
    Step::answer(answer)
}

/// Versions 10 and 11 have the fields to ask by id, and Kafka looks topics up by them from version 12 on.
fn asks_by_id_too_early(wanted: &[MetadataRequestTopic], version: i16) -> bool {
    version < LOOKS_UP_IDS_SINCE && wanted.iter().any(|topic| topic.name.is_none() || !topic.topic_id.is_nil())
}

/// The answer to a request that is refused as a whole.
fn refused(wanted: &[MetadataRequestTopic], error: ResponseError) -> MetadataResponse {
    let topics = wanted.iter().map(|topic| {
        MetadataResponseTopic::default()
            .with_error_code(error.code())
            .with_name(Some(topic.name.clone().unwrap_or_default()))
            .with_topic_id(topic.topic_id)
            .with_topic_authorized_operations(NO_OPERATIONS)
    });
    MetadataResponse::default().with_controller_id(BrokerId(-1)).with_topics(topics.collect())
}

fn find(core: &mut Core, name: Option<TopicName>, id: Uuid, create: bool) -> MetadataResponseTopic {
    let known = core.topics.find(&name.clone().unwrap_or_default(), id);
    let error = match (known, &name) {
        (Ok(topic), _) => return found(core, topic),
        (Err(ResponseError::UnknownTopicOrPartition), Some(name)) if !admin::is_topic_name(name) => {
            ResponseError::InvalidTopicException
        }
        (Err(ResponseError::UnknownTopicOrPartition), Some(name)) if create && core.settings.auto_create => {
            // Kafka's answer while the topic is being made, which sends clients to ask once more.
            let made = admin::create_topic(core, name, &admin::NewTopic::default());
            made.err().unwrap_or(ResponseError::UnknownTopicOrPartition)
        }
        (Err(error), _) => error,
    };
    MetadataResponseTopic::default()
        .with_error_code(error.code())
        .with_name(name)
        .with_topic_id(id)
        .with_topic_authorized_operations(NO_OPERATIONS)
}

fn found(core: &Core, topic: &Topic) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_name(Some(topic.wire_name()))
        .with_topic_id(topic.id)
        .with_partitions(topic.partitions.iter().map(|partition| describe_partition(core, partition)).collect())
        .with_topic_authorized_operations(NO_OPERATIONS)
}

fn describe_partition(core: &Core, partition: &Partition) -> MetadataResponsePartition {
    let error = partition.leader.map_or(ResponseError::LeaderNotAvailable.code(), |_| 0);
    let replicas = || partition.replicas.iter();
    let ids = |which: &dyn Fn(i32, bool) -> bool| -> Vec<BrokerId> {
        replicas().filter(|copy| which(copy.node, copy.in_sync)).map(|copy| BrokerId(copy.node)).collect()
    };
    MetadataResponsePartition::default()
        .with_error_code(error)
        .with_partition_index(partition.index)
        .with_leader_id(BrokerId(partition.leader.unwrap_or(-1)))
        .with_leader_epoch(partition.epoch)
        .with_replica_nodes(ids(&|_, _| true))
        .with_isr_nodes(ids(&|_, in_sync| in_sync))
        .with_offline_replicas(ids(&|node, _| !core.nodes.is_up(node)))
}
