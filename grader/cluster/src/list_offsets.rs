//! ListOffsets: where a log begins and ends, and which offset was written when. (`Partition.fetchOffsetForTimestamp`,
//! `UnifiedLog.fetchOffsetByTimestamp` in Kafka)

use std::collections::HashSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use crate::call::{Caller, Step};
use crate::core::Core;
use crate::partition::Partition;

/// Timestamps that are none: what else is asked for, with the version that brought it.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3; // 7, KIP-734
const EARLIEST_LOCAL: i64 = -4; // 8, KIP-405
const LATEST_TIERED: i64 = -5; // 9, KIP-1005

/// From this version on, an answer says under which leader the record was written.
const EPOCH_SINCE: i16 = 4;

/// An answer: timestamp, offset, leader epoch. Each is -1 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found(i64, i64, i32);

const NOTHING: Found = Found(-1, -1, -1);

pub(crate) fn step(core: &mut Core, request: &ListOffsetsRequest, caller: &Caller) -> Step {
    let mut seen = HashSet::new();
    let twice: HashSet<_> = request
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|asked| (topic.name.clone(), asked.partition_index)))
        .filter(|partition| !seen.insert(partition.clone()))
        .collect();
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let answer = ListOffsetsPartitionResponse::default().with_partition_index(asked.partition_index);
            let found = match twice.contains(&(topic.name.clone(), asked.partition_index)) {
                true => Err(ResponseError::InvalidRequest),
                false => core
                    .topics
                    .get(&topic.name)
                    .and_then(|topic| topic.partition(asked.partition_index))
                    .ok_or(ResponseError::UnknownTopicOrPartition)
                    .and_then(|partition| find(partition, asked, request.isolation_level == 1, caller)),
            };
            match found {
                Ok(Found(timestamp, offset, epoch)) => answer
                    .with_timestamp(timestamp)
                    .with_offset(offset)
                    .with_leader_epoch(if caller.version >= EPOCH_SINCE { epoch } else { -1 }),
                Err(error) => answer.with_error_code(error.code()),
            }
        });
        ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    Step::answer(ListOffsetsResponse::default().with_topics(topics.collect()))
}

fn find(
    partition: &Partition,
    asked: &ListOffsetsPartition,
    committed_only: bool,
    caller: &Caller,
) -> Result<Found, ResponseError> {
    let known_since = match asked.timestamp {
        LATEST_TIERED => 9,
        EARLIEST_LOCAL => 8,
        MAX_TIMESTAMP => 7,
        LATEST | EARLIEST | 0.. => 0,
        _ => i16::MAX,
    };
    if caller.version < known_since {
        return Err(ResponseError::UnsupportedVersion);
    }
    partition.check_leader(caller.node, asked.current_leader_epoch)?;
    let readable = match committed_only {
        true => partition.last_stable_offset(),
        false => partition.high_watermark(),
    };
    let log = &partition.log;
    Ok(match asked.timestamp {
        LATEST => Found(-1, readable, partition.epoch),
        EARLIEST | EARLIEST_LOCAL => Found(-1, log.start(), log.epochs.first().unwrap_or(-1)),
        LATEST_TIERED => NOTHING,
        MAX_TIMESTAMP => newest(partition).filter(|Found(_, offset, _)| *offset < readable).unwrap_or(NOTHING),
        since => first_since(partition, since).filter(|Found(_, offset, _)| *offset < readable).unwrap_or(NOTHING),
    })
}

/// The first of the records with the newest timestamp.
fn newest(partition: &Partition) -> Option<Found> {
    let newest = partition.log.batches().map(|batch| batch.header.max_timestamp).max()?;
    first_since(partition, newest)
}

/// The first record that was written then or later.
fn first_since(partition: &Partition, timestamp: i64) -> Option<Found> {
    let start = partition.log.start();
    let mut batches = partition.log.batches().filter(|batch| batch.header.max_timestamp >= timestamp);
    batches.find_map(|batch| {
        let record = batch.first_since(timestamp, start)?;
        Some(Found(record.timestamp, record.offset, batch.header.leader_epoch))
    })
}
