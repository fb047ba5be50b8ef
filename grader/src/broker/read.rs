//! What the grader itself reads out of a topic, as somebody would who reads committed records only: past every tap, so that
//! the program has no part in it.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse};
use tokio::time::{Instant, sleep};

use super::request::text;
use super::topic;
use super::{Broker, BrokerError};
use crate::wire::{Aborted, At, committed};

/// How long to wait for the markers of transactions that have been decided: Kafka writes them a moment later.
const LIMIT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);
/// Bytes of one answer, and records and bytes of keys and values of one partition: more than any exercise needs.
const ANSWER_BYTES: i32 = 1 << 20;
const MOST_RECORDS: usize = 10_000;
const MOST_BYTES: usize = 8 << 20;

/// The last version that names topics by their names, less one: Kafka 2.3 and newer.
const FETCH: i16 = 11;

/// What a partition holds for a reader of committed records.
#[derive(Debug, Clone)]
pub struct Partition {
    pub partition: i32,
    pub records: Vec<At>,
    /// The last stable offset: no such reader gets past it. It is `end` where no transaction is open.
    pub stable: i64,
    /// The high watermark.
    pub end: i64,
}

/// See [`Broker::read_committed`].
pub(super) async fn read_committed(broker: &Broker, name: &str) -> Result<Vec<Partition>, BrokerError> {
    let failed = |why: String| BrokerError::Read { topic: name.to_owned(), why };
    let topic = topic::find(broker, name).await.map_err(|error| failed(error.to_string()))?;
    let mut read = Vec::new();
    for (partition, leader) in &topic.leaders {
        read.push(one(broker, leader, name, *partition).await.map_err(failed)?);
    }
    Ok(read)
}

async fn one(broker: &Broker, leader: &str, topic: &str, partition: i32) -> Result<Partition, String> {
    let give_up = Instant::now() + LIMIT;
    let mut read = Partition { partition, records: Vec::new(), stable: 0, end: 0 };
    let (mut next, mut bytes) = (0, 0);
    loop {
        let answer: FetchResponse =
            broker.ask(leader, &from(topic, partition, next), FETCH).await.map_err(|error| error.to_string())?;
        let answer = answer.responses.into_iter().next().and_then(|topic| topic.partitions.into_iter().next());
        let answer = answer.ok_or("Kafka's answer names no partition")?;
        match ResponseError::try_from_code(answer.error_code) {
            None => {}
            Some(ResponseError::NotLeaderOrFollower) if Instant::now() < give_up => {
                sleep(PAUSE).await;
                continue;
            }
            Some(error) => return Err(error.to_string()),
        }
        (read.stable, read.end) = (answer.last_stable_offset, answer.high_watermark);
        let aborted = answer.aborted_transactions.unwrap_or_default().into_iter();
        let aborted: Vec<Aborted> =
            aborted.map(|one| Aborted { producer_id: one.producer_id.0, first_offset: one.first_offset }).collect();
        let (records, behind) =
            committed(&answer.records.unwrap_or_default(), &aborted, next).map_err(|error| error.to_string())?;
        bytes += records.iter().map(size).sum::<usize>();
        read.records.extend(records);
        let complete = behind >= read.stable && read.stable >= read.end;
        if complete || read.records.len() > MOST_RECORDS || bytes > MOST_BYTES {
            return Ok(read);
        }
        if behind <= next {
            if Instant::now() >= give_up {
                return Ok(read); // a transaction is open, and nobody ends it
            }
            sleep(PAUSE).await;
        }
        next = next.max(behind);
    }
}

fn size(at: &At) -> usize {
    let length = |data: &Option<crate::wire::Data>| data.as_ref().map_or(0, |data| data.as_bytes().len());
    length(&at.record.key) + length(&at.record.value)
}

fn from(topic: &str, partition: i32, offset: i64) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_partition(partition)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(ANSWER_BYTES);
    let topic = FetchTopic::default().with_topic(text(topic)).with_partitions(vec![partition]);
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(0)
        .with_min_bytes(1)
        .with_max_bytes(ANSWER_BYTES)
        .with_isolation_level(1)
        .with_topics(vec![topic])
}
