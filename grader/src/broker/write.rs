//! Records that the grader itself puts into a topic: past every tap, so that the program has no part in it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use flate2::Crc;
use jiff::Timestamp;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use tokio::time::{Instant, sleep};

use super::request::text;
use super::topic::{self, Topic};
use super::{Broker, BrokerError};
use crate::wire::{self, InTransaction, NewRecord};

/// For everything together.
const LIMIT: Duration = Duration::from_secs(30);
/// Before a node is asked again that does not know yet what it leads.
const PAUSE: Duration = Duration::from_millis(20);
/// Milliseconds within which Kafka answers a Produce request.
const ANSWER_MS: i32 = 20_000;

/// Every Kafka since 2.8 knows it, and it names topics by their names.
const PRODUCE_VERSION: i16 = 9;

/// A record to be written.
#[derive(Debug, Clone)]
pub struct Record {
    /// Decides about its place, where `partition` does not.
    pub key: String,
    /// It is written without a key.
    pub keyless: bool,
    pub value: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None` lets the key decide.
    pub partition: Option<i32>,
}

/// Where a record has come to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub partition: i32,
    pub offset: i64,
}

/// See [`Broker::write`]; with the id of a transaction and what its first batch in a partition says, as a part of it.
pub(super) async fn write(
    broker: &Broker,
    topic: &str,
    records: &[Record],
    transaction: Option<(&str, InTransaction)>,
) -> Result<Vec<Place>, BrokerError> {
    let failed = |why: String| BrokerError::Write { topic: topic.to_owned(), why };
    let Topic { leaders, .. } = topic::find(broker, topic).await.map_err(|error| failed(error.to_string()))?;
    let mut batches: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        let partition = record.partition.unwrap_or_else(|| partition_of(&record.key, leaders.len()));
        batches.entry(partition).or_default().push(at);
    }
    let mut places = vec![Place { partition: 0, offset: 0 }; records.len()];
    for (partition, positions) in batches {
        let leader = leaders.get(&partition).ok_or_else(|| failed(format!("it has no partition {partition}")))?;
        let batch = batch(positions.iter().map(|at| &records[*at]), transaction.map(|(_, first)| first));
        let id = transaction.map(|(id, _)| id);
        let first = append(broker, leader, (topic, partition), &batch, id).await.map_err(&failed)?;
        for (at, offset) in positions.into_iter().zip(first..) {
            places[at] = Place { partition, offset };
        }
    }
    Ok(places)
}

/// The partition of a key, as librdkafka's default partitioner chooses it.
pub(super) fn partition_of(key: &str, partitions: usize) -> i32 {
    let mut crc = Crc::new();
    crc.update(key.as_bytes());
    crc.sum().checked_rem(u32::try_from(partitions).unwrap_or(0)).map_or(0, |partition| partition as i32)
}

fn batch<'a>(records: impl Iterator<Item = &'a Record>, transaction: Option<InTransaction>) -> Bytes {
    let record = |record: &'a Record| {
        let key = (!record.keyless).then_some(record.key.as_bytes());
        NewRecord { key, value: &record.value, headers: &record.headers }
    };
    let records: Vec<NewRecord<'_>> = records.map(record).collect();
    wire::new_batch(&records, Timestamp::now().as_millisecond(), transaction)
}

/// Appends a batch, and returns the offset of its first record. A refusal that says that nothing was written is no answer
/// yet: the node may not know what it leads. Nothing else is tried again, so that no record lies in the topic twice.
async fn append(
    broker: &Broker,
    leader: &str,
    (topic, partition): (&str, i32),
    batch: &Bytes,
    transactional_id: Option<&str>,
) -> Result<i64, String> {
    let data = PartitionProduceData::default().with_index(partition).with_records(Some(batch.clone()));
    let name = TopicName(StrBytes::from_string(topic.to_owned()));
    let data = TopicProduceData::default().with_name(name).with_partition_data(vec![data]);
    let request = ProduceRequest::default()
        .with_transactional_id(transactional_id.map(text))
        .with_acks(-1)
        .with_timeout_ms(ANSWER_MS)
        .with_topic_data(vec![data]);
    let give_up = Instant::now() + LIMIT;
    loop {
        let answer: ProduceResponse =
            broker.ask(leader, &request, PRODUCE_VERSION).await.map_err(|error| error.to_string())?;
        let answer = answer.responses.first().and_then(|topic| topic.partition_responses.first());
        let answer = answer.ok_or("Kafka's answer names no partition")?;
        match ResponseError::try_from_code(answer.error_code) {
            None => return Ok(answer.base_offset),
            Some(error) if is_early(error) && Instant::now() < give_up => sleep(PAUSE).await,
            Some(error) => return Err(error.to_string()),
        }
    }
}

fn is_early(error: ResponseError) -> bool {
    use ResponseError::*;
    matches!(error, UnknownTopicOrPartition | LeaderNotAvailable | NotLeaderOrFollower)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// librdkafka 2.12 put these keys there, by its default partitioner, in a topic of six partitions.
    #[test]
    fn a_key_decides_as_with_librdkafka() {
        let keys = ["order-1", "order-2", "order-3", "order-4", "order-5", "order-6"];
        assert_eq!(keys.map(|key| partition_of(key, 6)), [1, 3, 5, 2, 4, 0]);
    }
}
