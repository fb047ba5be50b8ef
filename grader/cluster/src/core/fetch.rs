//! Fetch: batches are read, or waited for. (`KafkaApis.handleFetchRequest`, `ReplicaManager.readFromLog`, `DelayedFetch` in
//! Kafka)
//!
//! There are no fetch sessions (KIP-227): every answer has session id 0, which is what Kafka says when it has no room for
//! another session, and clients go on to name all their partitions each time.

use std::collections::BTreeSet;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::FetchPartition;
use kafka_protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse, ProducerId};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::call::{self, Caller, Step};
use crate::partition::Partition;
use crate::time::Now;
use crate::topics::Topic;
use crate::watch::Watched;

/// Bytes of all records in one answer: a bound of ours, because an answer is put together in memory. Kafka's own,
/// `fetch.max.bytes` of a broker, is 55 MiB.
const MOST_BYTES: usize = 16 << 20;

/// From this version on, a consumer may read from a follower (KIP-392).
const READS_FOLLOWER_SINCE: i16 = 11;
/// From this version on, an answer that refuses says who leads (KIP-951).
const NAMES_LEADER_SINCE: i16 = 16;

pub(crate) fn step(
    core: &mut Core,
    request: &FetchRequest,
    caller: &Caller,
    waiting: &mut call::Waiting,
    now: Now,
) -> Step {
    if request.session_epoch > 0 {
        let error = ResponseError::FetchSessionIdNotFound.code();
        return Step::answer(FetchResponse::default().with_error_code(error));
    }
    let until = match waiting {
        call::Waiting::Fetch { until } => *until,
        _ => now.after_ms(request.max_wait_ms),
    };
    let plan = Plan::new(core, request, caller);
    if plan.is_ready(request) || now.elapsed >= until {
        return Step::answer(plan.carry_out(core, caller.version));
    }
    let watched = plan.topics.iter().flat_map(|(topic, reads)| {
        let found = reads.iter().filter(|(_, read)| matches!(read, Read::Data(_)));
        found.map(|(asked, _)| Some(Watched::Partition(topic.found?.id, asked.partition)))
    });
    let watched: Vec<_> = watched.flatten().collect();
    watched.into_iter().for_each(|what| core.watches.add(caller.connection, what));
    *waiting = call::Waiting::Fetch { until };
    Step::Wait(Some(until))
}

/// What there is to read for a request.
struct Plan<'a> {
    topics: Vec<(AskedTopic<'a>, Vec<(&'a FetchPartition, Read<'a>)>)>,
    committed_only: bool,
}

struct AskedTopic<'a> {
    asked: &'a kafka_protocol::messages::fetch_request::FetchTopic,
    found: Option<&'a Topic>,
}

/// What there is to read in a partition.
enum Read<'a> {
    Data(Data<'a>),
    /// There is no such topic or partition.
    Unknown(ResponseError),
    Failed(ResponseError),
    /// What the client has read last is not in this log: where the log of that epoch ends.
    Diverged(&'a Partition, (i32, i64)),
}

struct Data<'a> {
    partition: &'a Partition,
    /// The offset where reading ends.
    until: i64,
    /// Bytes of the batches that are read.
    size: usize,
}

impl<'a> Plan<'a> {
    fn new(core: &'a Core, request: &'a FetchRequest, caller: &Caller) -> Plan<'a> {
        let committed_only = request.isolation_level == 1;
        let mut left = usize::try_from(request.max_bytes).unwrap_or(0).min(MOST_BYTES);
        // The first batch is sent however long it is, so that a consumer can go on behind it (KIP-74).
        let mut first = true;
        let topics = request.topics.iter().map(|asked| {
            let found = core.topics.find(&asked.topic, asked.topic_id);
            let reads = asked.partitions.iter().map(|wanted| {
                let partition = found
                    .and_then(|topic| topic.partition(wanted.partition).ok_or(ResponseError::UnknownTopicOrPartition));
                let read = match partition {
                    Ok(partition) => plan_partition(partition, wanted, caller, committed_only),
                    Err(error) => Read::Unknown(error),
                };
                let Read::Data(mut data) = read else { return (wanted, read) };
                let most = usize::try_from(wanted.partition_max_bytes).unwrap_or(0).min(left);
                data.size = data.partition.log.size(wanted.fetch_offset, data.until, most, first);
                first &= data.size == 0;
                left = left.saturating_sub(data.size);
                (wanted, Read::Data(data))
            });
            let reads = reads.collect();
            (AskedTopic { asked, found: found.ok() }, reads)
        });
        Plan { topics: topics.collect(), committed_only }
    }

    /// Can it be answered at once? An error is told at once, but not that a topic is unknown, unless there is nothing else.
    fn is_ready(&self, request: &FetchRequest) -> bool {
        let reads = || self.topics.iter().flat_map(|(_, reads)| reads).map(|(_, read)| read);
        let size = reads().map(|read| if let Read::Data(data) = read { data.size } else { 0 }).sum::<usize>();
        let least = usize::try_from(request.min_bytes.min(request.max_bytes)).unwrap_or(0).min(MOST_BYTES);
        size >= least
            || reads().all(|read| matches!(read, Read::Unknown(_)))
            || reads().any(|read| matches!(read, Read::Failed(_) | Read::Diverged(..)))
    }

    fn carry_out(&self, core: &Core, version: i16) -> FetchResponse {
        let mut leaders = BTreeSet::new();
        let topics = self.topics.iter().map(|(topic, reads)| {
            let partitions = reads.iter().map(|(asked, read)| {
                let answer = self.read(asked, read).with_partition_index(asked.partition);
                let known = topic.found.and_then(|topic| topic.partition(asked.partition));
                let moved = [ResponseError::NotLeaderOrFollower, ResponseError::FencedLeaderEpoch];
                match known {
                    Some(known)
                        if version >= NAMES_LEADER_SINCE && moved.iter().any(|e| e.code() == answer.error_code) =>
                    {
                        leaders.extend(known.leader);
                        let leader = LeaderIdAndEpoch::default()
                            .with_leader_id(BrokerId(known.leader.unwrap_or(-1)))
                            .with_leader_epoch(known.epoch);
                        answer.with_current_leader(leader)
                    }
                    _ => answer,
                }
            });
            FetchableTopicResponse::default()
                .with_topic(topic.asked.topic.clone())
                .with_topic_id(topic.asked.topic_id)
                .with_partitions(partitions.collect())
        });
        let topics = topics.collect();
        let endpoints = leaders.into_iter().filter_map(|id| core.nodes.get(id)).map(|node| {
            NodeEndpoint::default()
                .with_node_id(BrokerId(node.id))
                .with_host(StrBytes::from_string(node.host.clone()))
                .with_port(node.port.into())
        });
        FetchResponse::default().with_responses(topics).with_node_endpoints(endpoints.collect())
    }

    fn read(&self, asked: &FetchPartition, read: &Read) -> PartitionData {
        let nothing = PartitionData::default().with_high_watermark(-1).with_records(Some(Bytes::new()));
        match read {
            // Kafka makes this answer elsewhere than those of other errors, and lists no transactions instead of "null".
            Read::Unknown(error) => nothing.with_error_code(error.code()).with_aborted_transactions(Some(Vec::new())),
            Read::Failed(error) => nothing.with_error_code(error.code()).with_aborted_transactions(None),
            Read::Diverged(partition, (epoch, end)) => {
                let end = EpochEndOffset::default().with_epoch(*epoch).with_end_offset(*end);
                nothing
                    .with_high_watermark(partition.high_watermark())
                    .with_last_stable_offset(partition.last_stable_offset())
                    .with_log_start_offset(partition.log.start())
                    .with_diverging_epoch(end)
                    .with_aborted_transactions(None)
            }
            Read::Data(data) => {
                let partition = data.partition;
                let (records, next) = partition.log.read(asked.fetch_offset, data.until, data.size);
                let aborted = self.committed_only.then(|| aborted(partition, asked.fetch_offset, next));
                nothing
                    .with_high_watermark(partition.high_watermark())
                    .with_last_stable_offset(partition.last_stable_offset())
                    .with_log_start_offset(partition.log.start())
                    .with_aborted_transactions(aborted)
                    .with_records(Some(records))
            }
        }
    }
}

/// The aborted transactions that a consumer needs to know of to leave their records out.
fn aborted(partition: &Partition, from: i64, until: i64) -> Vec<AbortedTransaction> {
    let aborted = partition.aborted(from, until).map(|ended| {
        AbortedTransaction::default().with_producer_id(ProducerId(ended.producer_id)).with_first_offset(ended.first)
    });
    aborted.collect()
}

/// What there is to read from the offset that a consumer wants, without a look at sizes.
fn plan_partition<'a>(
    partition: &'a Partition,
    wanted: &FetchPartition,
    caller: &Caller,
    committed_only: bool,
) -> Read<'a> {
    let replica = partition.check_replica(caller.node, wanted.current_leader_epoch);
    let leads = partition.leader == Some(caller.node);
    let replica = match replica {
        Ok(replica) if leads || caller.version >= READS_FOLLOWER_SINCE => replica,
        Ok(_) => return Read::Failed(ResponseError::NotLeaderOrFollower),
        Err(error) => return Read::Failed(error),
    };
    if wanted.last_fetched_epoch >= 0 {
        match partition.log.epochs.end(wanted.last_fetched_epoch, replica.end) {
            None => return Read::Failed(ResponseError::OffsetOutOfRange),
            Some((epoch, end)) if epoch < wanted.last_fetched_epoch || end < wanted.fetch_offset => {
                return Read::Diverged(partition, (epoch, end));
            }
            Some(_) => {}
        }
    }
    if !(partition.log.start()..=replica.end).contains(&wanted.fetch_offset) {
        return Read::Failed(ResponseError::OffsetOutOfRange);
    }
    let until = match committed_only {
        true => partition.last_stable_offset(),
        false => partition.high_watermark(),
    };
    Read::Data(Data { partition, until: until.min(replica.end), size: 0 })
}

#[cfg(test)]
mod tests;
