//! Group membership, classic (JoinGroup, SyncGroup, Heartbeat, LeaveGroup) and KIP-848 (ConsumerGroupHeartbeat).

use bytes::Bytes;

use super::{by_partition, by_partition_or_null, error_after_throttle, named, partition_number};
use crate::reader::{Reader, Result};
use crate::request::{Assignment, Request, TopicPartition};
use crate::response::Response;

pub fn join_group(version: i16, r: &mut Reader) -> Result<Request> {
    let group = r.string("group_id")?;
    let session_timeout_ms = r.i32("session_timeout_ms")?;
    let rebalance_timeout_ms = if version >= 1 { r.i32("rebalance_timeout_ms")? } else { session_timeout_ms };
    let member = r.string("member_id")?;
    let instance = if version >= 5 { r.nullable_string("group_instance_id")? } else { None };
    let consumers = r.string("protocol_type")? == "consumer";
    let mut first = None;
    let protocols = r.array("protocols", |r| {
        let name = r.string("name")?;
        let metadata = r.bytes("metadata")?;
        r.skip_tags()?;
        first.get_or_insert(metadata);
        Ok(name)
    })?;
    let (topics, owned) = match first {
        Some(metadata) if consumers => subscription(&metadata),
        _ => Default::default(),
    };
    Ok(Request::JoinGroup {
        group,
        member,
        instance,
        session_timeout_ms,
        rebalance_timeout_ms,
        protocols,
        topics,
        owned,
    })
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
        by_partition(&mut r, named(false), partition_number)
    };
    let owned = if version >= 1 { owned().unwrap_or_default() } else { Vec::new() };
    (topics, owned)
}

/// The consumer protocol's assignment: version, then topics with partitions. Empty where it is something else.
fn assigned(assignment: &Bytes) -> Vec<TopicPartition> {
    let mut r = Reader::new(assignment, 0, false);
    let partitions = r.i16("version").and_then(|_| by_partition(&mut r, named(false), partition_number));
    partitions.unwrap_or_default()
}

pub fn joined(version: i16, r: &mut Reader) -> Result<Response> {
    let error = error_after_throttle(version >= 2, r)?;
    let generation = r.i32("generation_id")?;
    if version >= 7 {
        r.nullable_string("protocol_type")?;
    }
    let protocol = r.nullable_string("protocol_name")?.filter(|name| !name.is_empty());
    let leader = r.string("leader")?;
    if version >= 9 {
        r.bool("skip_assignment")?;
    }
    let member = r.string("member_id")?;
    let members = r.array("members", |r| {
        let member = r.string("member_id")?;
        if version >= 5 {
            r.nullable_string("group_instance_id")?;
        }
        r.bytes("metadata")?;
        r.skip_tags()?;
        Ok(member)
    })?;
    Ok(Response::JoinGroup { error, generation, member, leader, protocol, members })
}

pub fn sync_group(version: i16, r: &mut Reader) -> Result<Request> {
    let group = r.string("group_id")?;
    let generation = r.i32("generation_id")?;
    let member = r.string("member_id")?;
    if version >= 3 {
        r.nullable_string("group_instance_id")?;
    }
    if version >= 5 {
        r.nullable_string("protocol_type")?;
        r.nullable_string("protocol_name")?;
    }
    let assignments = r.array("assignments", |r| {
        let member = r.string("member_id")?;
        let assignment = r.bytes("assignment")?;
        r.skip_tags()?;
        Ok(Assignment { member, partitions: assigned(&assignment) })
    })?;
    Ok(Request::SyncGroup { group, generation, member, assignments })
}

pub fn synced(version: i16, r: &mut Reader) -> Result<Response> {
    let error = error_after_throttle(version >= 1, r)?;
    if version >= 5 {
        r.nullable_string("protocol_type")?;
        r.nullable_string("protocol_name")?;
    }
    let partitions = assigned(&r.bytes("assignment")?);
    Ok(Response::SyncGroup { error, partitions })
}

pub fn heartbeat(r: &mut Reader) -> Result<Request> {
    Ok(Request::Heartbeat {
        group: r.string("group_id")?,
        generation: r.i32("generation_id")?,
        member: r.string("member_id")?,
    })
}

pub fn leave_group(version: i16, r: &mut Reader) -> Result<Request> {
    let group = r.string("group_id")?;
    let members = if version >= 3 {
        r.array("members", |r| {
            let member = r.string("member_id")?;
            r.nullable_string("group_instance_id")?;
            if version >= 5 {
                r.nullable_string("reason")?;
            }
            r.skip_tags()?;
            Ok(member)
        })?
    } else {
        vec![r.string("member_id")?]
    };
    Ok(Request::LeaveGroup { group, members })
}

pub fn left(version: i16, r: &mut Reader) -> Result<Response> {
    let mut error = error_after_throttle(version >= 1, r)?;
    if version >= 3 {
        r.array("members", |r| {
            r.string("member_id")?;
            r.nullable_string("group_instance_id")?;
            let of_this = r.i16("error_code")?;
            if error == 0 {
                error = of_this;
            }
            r.skip_tags()
        })?;
    }
    Ok(Response::LeaveGroup { error })
}

pub fn consumer_group_heartbeat(version: i16, r: &mut Reader) -> Result<Request> {
    let group = r.string("group_id")?;
    let member = r.string("member_id")?;
    let epoch = r.i32("member_epoch")?;
    let instance = r.nullable_string("instance_id")?;
    r.nullable_string("rack_id")?;
    let rebalance_timeout_ms = r.i32("rebalance_timeout_ms")?;
    let topics = r.nullable_array("subscribed_topic_names", |r| r.string("topic"))?;
    let regex = if version >= 1 { r.nullable_string("subscribed_topic_regex")? } else { None };
    let assignor = r.nullable_string("server_assignor")?;
    let owned = by_partition_or_null(r, named(true), partition_number)?;
    Ok(Request::ConsumerGroupHeartbeat {
        group,
        member,
        epoch,
        instance,
        rebalance_timeout_ms,
        topics,
        regex,
        assignor,
        owned,
    })
}

pub fn consumer_group_heartbeat_answer(r: &mut Reader) -> Result<Response> {
    let error = error_after_throttle(true, r)?;
    let message = r.nullable_string("error_message")?;
    let member = r.nullable_string("member_id")?;
    let epoch = r.i32("member_epoch")?;
    let heartbeat_interval_ms = r.i32("heartbeat_interval_ms")?;
    // A structure that may be null has a byte before it: -1 for null.
    let assignment = if r.i8("assignment")? < 0 { None } else { Some(by_partition(r, named(true), partition_number)?) };
    Ok(Response::ConsumerGroupHeartbeat { error, message, member, epoch, heartbeat_interval_ms, assignment })
}
