//! Group membership, classic (JoinGroup, SyncGroup, Heartbeat, LeaveGroup) and KIP-848 (ConsumerGroupHeartbeat).

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;

use super::{log, topic_id};
use crate::reader::Reader;
use crate::request::{Assignment, Request, TopicPartition};
use crate::response::Response;

fn owned(text: Option<StrBytes>) -> Option<String> {
    text.map(|text| text.to_string())
}

pub fn join_group(version: i16, asked: JoinGroupRequest) -> Request {
    let consumers = asked.protocol_type.as_str() == "consumer";
    let (topics, kept) = match asked.protocols.first() {
        Some(first) if consumers => subscription(&first.metadata),
        _ => Default::default(),
    };
    let session_timeout_ms = asked.session_timeout_ms;
    Request::JoinGroup {
        group: asked.group_id.to_string(),
        member: asked.member_id.to_string(),
        instance: owned(asked.group_instance_id),
        session_timeout_ms,
        rebalance_timeout_ms: if version >= 1 { asked.rebalance_timeout_ms } else { session_timeout_ms },
        protocols: asked.protocols.iter().map(|protocol| protocol.name.to_string()).collect(),
        topics,
        owned: kept,
    }
}

/// The consumer protocol's subscription: topics, and what the member keeps meanwhile. A broker passes it from member to
/// leader and does not look inside, so it has a version of its own; the topics come first in all of them, and owned
/// partitions exist from version 1 on (KIP-429). Empty where it is something else.
fn subscription(metadata: &Bytes) -> (Vec<String>, Vec<TopicPartition>) {
    let mut r = Reader::new(metadata, 0, false);
    let Ok(version) = r.i16("version") else { return Default::default() };
    let Ok(topics) = r.array("topics", |r| r.string("topic")) else { return Default::default() };
    let mut owned = || {
        r.nullable_bytes("user_data")?;
        log::partitions(false, &mut r)
    };
    let owned = if version >= 1 { owned().unwrap_or_default() } else { Vec::new() };
    (topics, owned)
}

/// The consumer protocol's assignment: version, then topics with partitions. Empty where it is something else.
fn assigned(assignment: &Bytes) -> Vec<TopicPartition> {
    let mut r = Reader::new(assignment, 0, false);
    let partitions = r.i16("version").and_then(|_| log::partitions(false, &mut r));
    partitions.unwrap_or_default()
}

pub fn joined(said: JoinGroupResponse) -> Response {
    Response::JoinGroup {
        error: said.error_code,
        generation: said.generation_id,
        member: said.member_id.to_string(),
        leader: said.leader.to_string(),
        protocol: owned(said.protocol_name).filter(|name| !name.is_empty()),
        members: said.members.iter().map(|member| member.member_id.to_string()).collect(),
    }
}

pub fn sync_group(asked: SyncGroupRequest) -> Request {
    let assignments = asked
        .assignments
        .iter()
        .map(|given| Assignment { member: given.member_id.to_string(), partitions: assigned(&given.assignment) });
    Request::SyncGroup {
        group: asked.group_id.to_string(),
        generation: asked.generation_id,
        member: asked.member_id.to_string(),
        assignments: assignments.collect(),
    }
}

pub fn synced(said: SyncGroupResponse) -> Response {
    Response::SyncGroup { error: said.error_code, partitions: assigned(&said.assignment) }
}

pub fn heartbeat(asked: HeartbeatRequest) -> Request {
    Request::Heartbeat {
        group: asked.group_id.to_string(),
        generation: asked.generation_id,
        member: asked.member_id.to_string(),
    }
}

pub fn leave_group(version: i16, asked: LeaveGroupRequest) -> Request {
    let members = match version {
        ..3 => vec![asked.member_id.to_string()],
        _ => asked.members.iter().map(|member| member.member_id.to_string()).collect(),
    };
    Request::LeaveGroup { group: asked.group_id.to_string(), members }
}

pub fn left(said: LeaveGroupResponse) -> Response {
    let errors = said.members.iter().map(|member| member.error_code);
    let error = std::iter::once(said.error_code).chain(errors).find(|error| *error != 0);
    Response::LeaveGroup { error: error.unwrap_or(0) }
}

/// The partitions of a topic that is named by its id.
fn of_topic(id: [u8; 16], partitions: Vec<i32>) -> impl Iterator<Item = TopicPartition> {
    let topic = topic_id(id);
    partitions.into_iter().map(move |partition| TopicPartition { topic: topic.clone(), partition })
}

pub fn consumer_group_heartbeat(asked: ConsumerGroupHeartbeatRequest) -> Request {
    let topics = asked.subscribed_topic_names;
    let kept = asked.topic_partitions.map(|topics| {
        let flat = topics.into_iter().flat_map(|topic| of_topic(topic.topic_id.into_bytes(), topic.partitions));
        flat.collect()
    });
    Request::ConsumerGroupHeartbeat {
        group: asked.group_id.to_string(),
        member: asked.member_id.to_string(),
        epoch: asked.member_epoch,
        instance: owned(asked.instance_id),
        rebalance_timeout_ms: asked.rebalance_timeout_ms,
        topics: topics.map(|topics| topics.iter().map(|topic| topic.to_string()).collect()),
        regex: owned(asked.subscribed_topic_regex),
        assignor: owned(asked.server_assignor),
        owned: kept,
    }
}

pub fn consumer_group_heartbeat_answer(said: ConsumerGroupHeartbeatResponse) -> Response {
    let assignment = said.assignment.map(|assignment| {
        let topics = assignment.topic_partitions.into_iter();
        topics.flat_map(|topic| of_topic(topic.topic_id.into_bytes(), topic.partitions)).collect()
    });
    Response::ConsumerGroupHeartbeat {
        error: said.error_code,
        message: owned(said.error_message),
        member: owned(said.member_id),
        epoch: said.member_epoch,
        heartbeat_interval_ms: said.heartbeat_interval_ms,
        assignment,
    }
}
