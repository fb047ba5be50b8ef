//! From a body's bytes to what it says: one function per message, written like Kafka's schema of it.
//!
//! `version >= 5` before a field means what `"versions": "5+"` means in the schema: older clients do not send it. A
//! result that is read and dropped is a field that no check asks for, but that lies before one that is.

mod cluster;
mod group;
mod log;
mod offsets;
mod txn;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::api::*;
use super::reader::{Malformed, Reader, Result};
use super::request::{Request, TopicPartition};
use super::response::{PartitionError, Response};

pub(super) fn request(api: i16, version: i16, r: &mut Reader) -> Result<Request> {
    match api {
        PRODUCE => log::produce(version, r),
        FETCH => log::fetch(version, r),
        LIST_OFFSETS => log::list_offsets(version, r),
        METADATA => cluster::metadata(version, r),
        OFFSET_COMMIT => offsets::offset_commit(version, r),
        OFFSET_FETCH => offsets::offset_fetch(version, r),
        FIND_COORDINATOR => cluster::find_coordinator(version, r),
        JOIN_GROUP => group::join_group(version, r),
        HEARTBEAT => group::heartbeat(r),
        LEAVE_GROUP => group::leave_group(version, r),
        SYNC_GROUP => group::sync_group(version, r),
        API_VERSIONS => cluster::api_versions(version, r),
        INIT_PRODUCER_ID => txn::init_producer_id(version, r),
        ADD_PARTITIONS_TO_TXN => txn::add_partitions(version, r),
        ADD_OFFSETS_TO_TXN => txn::add_offsets(r),
        END_TXN => txn::end_txn(r),
        TXN_OFFSET_COMMIT => offsets::txn_offset_commit(version, r),
        CONSUMER_GROUP_HEARTBEAT => group::consumer_group_heartbeat(version, r),
        _ => Ok(Request::Other),
    }
}

pub(super) fn response(api: i16, version: i16, r: &mut Reader) -> Result<Response> {
    match api {
        PRODUCE => log::produced(version, r),
        FETCH => log::fetched(version, r),
        LIST_OFFSETS => log::listed(version, r),
        METADATA => cluster::metadata_answer(version, r),
        OFFSET_COMMIT => offsets::offset_committed(version, r),
        OFFSET_FETCH => offsets::offset_fetched(version, r),
        FIND_COORDINATOR => cluster::coordinators(version, r),
        JOIN_GROUP => group::joined(version, r),
        HEARTBEAT => Ok(Response::Heartbeat { error: error_after_throttle(version >= 1, r)? }),
        LEAVE_GROUP => group::left(version, r),
        SYNC_GROUP => group::synced(version, r),
        API_VERSIONS => Ok(Response::ApiVersions { error: r.i16("error_code")? }),
        INIT_PRODUCER_ID => txn::producer_id(r),
        ADD_PARTITIONS_TO_TXN => txn::partitions_added(version, r),
        ADD_OFFSETS_TO_TXN => Ok(Response::AddOffsetsToTxn { error: error_after_throttle(true, r)? }),
        END_TXN => Ok(Response::EndTxn { error: error_after_throttle(true, r)? }),
        TXN_OFFSET_COMMIT => offsets::txn_offset_committed(r),
        CONSUMER_GROUP_HEARTBEAT => group::consumer_group_heartbeat_answer(r),
        _ => Ok(Response::Other),
    }
}

/// Many answers begin like this. The time is how long the broker wants the client to pause (quotas, KIP-219).
fn error_after_throttle(throttle: bool, r: &mut Reader) -> Result<i16> {
    if throttle {
        r.i32("throttle_time_ms")?;
    }
    r.i16("error_code")
}

/// A topic's id as Kafka prints it.
pub fn topic_id(id: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// A topic by name, or by id from the version on that `by_id` says (KIP-516).
///
/// The name is copied to each of its partitions, so its length is held to what Kafka allows: a frame with one endless
/// name and a million partitions would otherwise fill the memory.
fn topic(by_id: bool, r: &mut Reader) -> Result<String> {
    if by_id {
        return r.uuid("topic_id").map(topic_id);
    }
    let name = r.string("topic")?;
    if name.len() > LONGEST_TOPIC {
        let why = format!("a topic name of {} bytes; Kafka's longest has {LONGEST_TOPIC}", name.len());
        return Err(Malformed::new(why));
    }
    Ok(name)
}

/// `Topic.MAX_NAME_LENGTH` in Kafka: a topic is a directory on the broker's disk, and file names end at 255.
const LONGEST_TOPIC: usize = 249;

/// The most common shape in the protocol: topics, and in each of them partitions; flattened to one list.
fn by_partition<T>(
    r: &mut Reader,
    topic: fn(&mut Reader) -> Result<String>,
    mut each: impl FnMut(&mut Reader, &str) -> Result<T>,
) -> Result<Vec<T>> {
    Ok(by_partition_or_null(r, topic, &mut each)?.unwrap_or_default())
}

fn by_partition_or_null<T>(
    r: &mut Reader,
    topic: fn(&mut Reader) -> Result<String>,
    mut each: impl FnMut(&mut Reader, &str) -> Result<T>,
) -> Result<Option<Vec<T>>> {
    let mut flat = Vec::new();
    let topics = r.nullable_array("topics", |r| {
        let topic = topic(r)?;
        r.array("partitions", |r| {
            flat.push(each(r, &topic)?);
            Ok(())
        })?;
        r.skip_tags()
    })?;
    Ok(topics.map(|_| flat))
}

/// Partitions as bare numbers, which have no tagged fields of their own.
fn partition_number(r: &mut Reader, topic: &str) -> Result<TopicPartition> {
    Ok(TopicPartition { topic: topic.to_owned(), partition: r.i32("partition_index")? })
}

fn partition_error(r: &mut Reader, topic: &str) -> Result<PartitionError> {
    let found =
        PartitionError { topic: topic.to_owned(), partition: r.i32("partition_index")?, error: r.i16("error_code")? };
    r.skip_tags()?;
    Ok(found)
}

fn name(r: &mut Reader) -> Result<String> {
    topic(false, r)
}

fn id(r: &mut Reader) -> Result<String> {
    topic(true, r)
}

/// How this version names topics.
fn named(by_id: bool) -> fn(&mut Reader) -> Result<String> {
    if by_id { id } else { name }
}
