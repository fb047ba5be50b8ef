//! From a frame to what it says.
//!
//! Messages are read as kafka-protocol's generated types, behind the guard ([`message`](super::message)), and what a check
//! may want to know is taken from them. Produce and Fetch are read by hand, for three reasons. They are nearly all that a
//! busy program says, and to read them by hand takes half the time: 147 ns for a Produce of one partition, where guard and
//! generated type take 262 before anything is taken from them; 6 µs against 13 for 100 partitions; 12 against 27 for a
//! Fetch of as many (release build, `cargo test -p wire --release -- --ignored --nocapture nanoseconds_of_a_frame`). The
//! addresses in their answers are emptied in place, which needs a walk to that place. And a program may send Produce from
//! before version 3, which kafka-protocol does not know.

mod cluster;
mod group;
mod log;
mod offsets;
mod txn;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use kafka_protocol::messages::{RequestKind, ResponseKind, TopicName};

use super::api::*;
use super::head::{RequestHead, response_body};
use super::message::{answer_in, request_in};
use super::reader::{Malformed, Result};
use super::request::Request;
use super::response::Response;

pub(super) use log::{fetched, produced};

pub(super) fn request(head: &RequestHead, frame: &Bytes) -> Result<Request> {
    let version = head.version;
    Ok(match head.api {
        PRODUCE => log::produce(version, &mut head.body(frame))?,
        FETCH => log::fetch(version, &mut head.body(frame))?,
        // Of a cluster's description only its addresses matter, which are rewritten.
        api if !is_decoded(api) || api == DESCRIBE_CLUSTER => Request::Other,
        _ => match request_in(head, frame)? {
            RequestKind::ListOffsets(asked) => offsets::list_offsets(asked)?,
            RequestKind::Metadata(asked) => cluster::metadata(version, asked),
            RequestKind::OffsetCommit(asked) => offsets::offset_commit(asked)?,
            RequestKind::OffsetFetch(asked) => offsets::offset_fetch(version, asked)?,
            RequestKind::FindCoordinator(asked) => cluster::find_coordinator(version, asked),
            RequestKind::JoinGroup(asked) => group::join_group(version, asked),
            RequestKind::Heartbeat(asked) => group::heartbeat(asked),
            RequestKind::LeaveGroup(asked) => group::leave_group(version, asked),
            RequestKind::SyncGroup(asked) => group::sync_group(asked),
            RequestKind::ApiVersions(asked) => cluster::api_versions(version, asked),
            RequestKind::InitProducerId(asked) => txn::init_producer_id(asked),
            RequestKind::AddPartitionsToTxn(asked) => txn::add_partitions(version, asked)?,
            RequestKind::AddOffsetsToTxn(asked) => txn::add_offsets(asked),
            RequestKind::EndTxn(asked) => txn::end_txn(asked),
            RequestKind::TxnOffsetCommit(asked) => offsets::txn_offset_commit(asked)?,
            RequestKind::ConsumerGroupHeartbeat(asked) => group::consumer_group_heartbeat(asked),
            _ => Request::Other,
        },
    })
}

pub(super) fn response(api: i16, version: i16, frame: &Bytes) -> Result<Response> {
    Ok(match api {
        PRODUCE => log::produced(version, &mut response_body(api, version, frame)?)?,
        FETCH => log::fetched(version, &mut response_body(api, version, frame)?)?,
        api if !is_decoded(api) || api == DESCRIBE_CLUSTER => Response::Other,
        _ => match answer_in(api, version, frame)? {
            ResponseKind::ListOffsets(said) => offsets::listed(said)?,
            ResponseKind::Metadata(said) => cluster::metadata_answer(version, said),
            ResponseKind::OffsetCommit(said) => offsets::offset_committed(said)?,
            ResponseKind::OffsetFetch(said) => offsets::offset_fetched(version, said)?,
            ResponseKind::FindCoordinator(said) => cluster::coordinators(version, said),
            ResponseKind::JoinGroup(said) => group::joined(said),
            ResponseKind::Heartbeat(said) => Response::Heartbeat { error: said.error_code },
            ResponseKind::LeaveGroup(said) => group::left(said),
            ResponseKind::SyncGroup(said) => group::synced(said),
            ResponseKind::ApiVersions(said) => Response::ApiVersions { error: said.error_code },
            ResponseKind::InitProducerId(said) => txn::producer_id(said),
            ResponseKind::AddPartitionsToTxn(said) => txn::partitions_added(said)?,
            ResponseKind::AddOffsetsToTxn(said) => Response::AddOffsetsToTxn { error: said.error_code },
            ResponseKind::EndTxn(said) => Response::EndTxn { error: said.error_code },
            ResponseKind::TxnOffsetCommit(said) => offsets::txn_offset_committed(said)?,
            ResponseKind::ConsumerGroupHeartbeat(said) => group::consumer_group_heartbeat_answer(said),
            _ => Response::Other,
        },
    })
}

/// A topic's id as Kafka prints it.
pub fn topic_id(id: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// The name of a topic that has several partitions.
///
/// It is copied to each of them, so its length is held to what Kafka allows: a frame with one endless name and a million
/// partitions would otherwise fill the memory.
fn bounded(name: String) -> Result<String> {
    if name.len() > LONGEST_TOPIC {
        let why = format!("a topic name of {} bytes; Kafka's longest has {LONGEST_TOPIC}", name.len());
        return Err(Malformed::new(why));
    }
    Ok(name)
}

/// `Topic.MAX_NAME_LENGTH` in Kafka: a topic is a directory on the broker's disk, and file names end at 255.
const LONGEST_TOPIC: usize = 249;

/// The most common shape in the protocol: topics, and in each of them partitions; flattened to one list.
fn by_partition<Partition, T>(
    topics: impl IntoIterator<Item = (TopicName, Vec<Partition>)>,
    each: impl Fn(String, Partition) -> T,
) -> Result<Vec<T>> {
    let mut flat = Vec::new();
    for (name, partitions) in topics {
        let topic = bounded(name.to_string())?;
        flat.extend(partitions.into_iter().map(|partition| each(topic.clone(), partition)));
    }
    Ok(flat)
}
