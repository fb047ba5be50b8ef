//! ListOffsets: where a log begins and ends, and which offset was written when. (`Partition.fetchOffsetForTimestamp`,
//! `UnifiedLog.fetchOffsetByTimestamp` in Kafka)

use std::collections::HashSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use crate::core::Core;
use crate::core::call::{Caller, Step};
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
    // A partition that is named twice is refused, and answered once.
    let mut seen = HashSet::new();
    let twice: HashSet<_> = request
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|asked| (topic.name.clone(), asked.partition_index)))
        .filter(|partition| !seen.insert(partition.clone()))
        .collect();
    let mut answered = HashSet::new();
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().filter(|asked| {
            let partition = (topic.name.clone(), asked.partition_index);
            !twice.contains(&partition) || answered.insert(partition)
        });
        let partitions = partitions.map(|asked| {
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

#[cfg(test)]
mod tests {
    use kafka_protocol::ResponseError::*;
    use kafka_protocol::messages::list_offsets_request::ListOffsetsTopic;
    use kafka_protocol::messages::{BrokerId, ResponseKind};

    use super::*;
    use crate::drill::Drill;
    use crate::sending::{Sending, append, cluster, topic_name};
    use crate::testing::{ask, at};

    fn request(timestamp: i64, partitions: &[i32]) -> ListOffsetsRequest {
        let partition =
            |index: &i32| ListOffsetsPartition::default().with_partition_index(*index).with_timestamp(timestamp);
        let topic = ListOffsetsTopic::default()
            .with_name(topic_name())
            .with_partitions(partitions.iter().map(partition).collect());
        ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic])
    }

    /// Error, timestamp, offset and leader epoch of the first partition.
    fn list(core: &mut Core, version: i16, request: ListOffsetsRequest) -> (i16, i64, i64, i32) {
        let ResponseKind::ListOffsets(answer) = ask(core, at(0), version, request) else { panic!() };
        let answer = &answer.topics[0].partitions[0];
        (answer.error_code, answer.timestamp, answer.offset, answer.leader_epoch)
    }

    #[test]
    fn every_version_answers_what_it_knows() {
        let mut core = cluster(1, &[]);
        let start = at(0).wall_ms;
        append(&mut core, &Sending { timestamp: start + 10, ..Sending::plain(3) });
        append(&mut core, &Sending { timestamp: start, ..Sending::plain(2) });
        core.topics.get_mut("topic").unwrap().partitions[0].delete_before(1);
        for version in 1..=10 {
            let epoch = if version >= 4 { 0 } else { -1 };
            let mut is = |timestamp, since: i16, expected: (i64, i64, i32)| {
                let expected = match version >= since {
                    true => (0, expected.0, expected.1, expected.2),
                    false => (UnsupportedVersion.code(), -1, -1, -1),
                };
                assert_eq!(list(&mut core, version, request(timestamp, &[0])), expected, "v{version} {timestamp}");
            };
            is(LATEST, 0, (-1, 5, epoch));
            is(EARLIEST, 0, (-1, 1, epoch));
            is(MAX_TIMESTAMP, 7, (start + 12, 2, epoch));
            is(EARLIEST_LOCAL, 8, (-1, 1, epoch));
            is(LATEST_TIERED, 9, (-1, -1, -1));
            is(-6, 11, (-1, -1, -1));
            is(start, 0, (start + 11, 1, epoch));
            is(start + 12, 0, (start + 12, 2, epoch));
            is(start + 13, 0, (-1, -1, -1));
        }
    }

    #[test]
    fn the_end_is_where_consumers_can_read_to() {
        let mut core = cluster(2, &[]);
        append(&mut core, &Sending::plain(1));
        append(&mut core, &Sending::transactional((7, 0), 0, 1));
        core.drill(&Drill::ReplicaStops { topic: "topic".into(), partition: 0, node: 2 }).unwrap();
        append(&mut core, &Sending::plain(1));
        assert_eq!(list(&mut core, 7, request(LATEST, &[0])).2, 2);
        assert_eq!(list(&mut core, 7, request(LATEST, &[0]).with_isolation_level(1)).2, 1);
    }

    #[test]
    fn an_empty_log_and_errors() {
        let mut core = cluster(1, &[]);
        assert_eq!(list(&mut core, 7, request(EARLIEST, &[0])), (0, -1, 0, 0));
        assert_eq!(list(&mut core, 7, request(MAX_TIMESTAMP, &[0])), (0, -1, -1, -1));
        assert_eq!(list(&mut core, 7, request(LATEST, &[1])).0, UnknownTopicOrPartition.code());
        assert_eq!(list(&mut core, 7, request(LATEST, &[0, 0])).0, InvalidRequest.code());
        let mut fenced = request(LATEST, &[0]);
        fenced.topics[0].partitions[0].current_leader_epoch = 1;
        assert_eq!(list(&mut core, 7, fenced).0, UnknownLeaderEpoch.code());
    }
}
