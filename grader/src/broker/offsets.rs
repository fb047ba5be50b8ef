//! Where logs begin and end, what groups have committed: asked, and changed, in the grader's own name.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::{
    DeleteRecordsRequest, ListOffsetsRequest, OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest,
};
use tokio::time::{Instant, sleep};

use super::coordinator::{Of, answered, coordinator, granted};
use super::request::text;
use super::{Broker, BrokerError, topic};
use crate::wire::error::error_name;

/// For the markers of a transaction, which a coordinator writes after its answer.
const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Versions that every Kafka since 2.1 knows.
const OFFSET_COMMIT: i16 = 5;
const OFFSET_FETCH: i16 = 5;

/// Timestamps that stand for an end of the log.
const END: i64 = -1;
const START: i64 = -2;

/// Isolation levels: up to the high watermark, or to the last stable offset.
const UNCOMMITTED: i8 = 0;
const COMMITTED: i8 = 1;

/// The offsets that a partition has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub start: i64,
    /// The last stable offset.
    pub stable: i64,
    /// The high watermark.
    pub end: i64,
}

impl Broker {
    /// The bounds of each partition of the topic.
    ///
    /// # Errors
    /// [`BrokerError::Offsets`]: it does not answer, or refuses.
    pub async fn bounds(&self, topic: &str) -> Result<BTreeMap<i32, Bounds>, BrokerError> {
        let leaders = topic::find(self, topic).await.map_err(|error| failed(topic, error))?.leaders;
        let mut bounds = BTreeMap::new();
        for (partition, leader) in leaders {
            let at = (leader.as_str(), topic, partition);
            let start = self.offset(at, START, UNCOMMITTED).await?;
            let stable = self.offset(at, END, COMMITTED).await?;
            let end = self.offset(at, END, UNCOMMITTED).await?;
            bounds.insert(partition, Bounds { start, stable, end });
        }
        Ok(bounds)
    }

    /// Waits until no transaction is open on the topic: a coordinator answers before its markers are written.
    pub(super) async fn until_stable(&self, topic: &str) -> Result<(), BrokerError> {
        let give_up = Instant::now() + LIMIT;
        while self.bounds(topic).await?.values().any(|bounds| bounds.stable < bounds.end) {
            if Instant::now() > give_up {
                return Err(failed(topic, "a transaction on it does not end"));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn offset(
        &self,
        (leader, topic, partition): (&str, &str, i32),
        timestamp: i64,
        isolation: i8,
    ) -> Result<i64, BrokerError> {
        let asked = ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(timestamp);
        let asked = ListOffsetsTopic::default().with_name(text(topic)).with_partitions(vec![asked]);
        let request = ListOffsetsRequest::default()
            .with_replica_id((-1).into())
            .with_isolation_level(isolation)
            .with_topics(vec![asked]);
        let answer = self.ask(leader, &request, 2).await.map_err(|error| failed(topic, error))?;
        let answer = answer.topics.first().and_then(|topic| topic.partitions.first());
        match answer.map(|answer| (answer.error_code, answer.offset)) {
            Some((0, offset)) => Ok(offset),
            Some((error, _)) => Err(failed(topic, error_name(error))),
            None => Err(failed(topic, "the answer names no partition")),
        }
    }

    /// What the group has committed in the topic.
    ///
    /// # Errors
    /// As [`Broker::bounds`].
    pub async fn committed(&self, group: &str, topic: &str) -> Result<BTreeMap<i32, i64>, BrokerError> {
        let leaders = topic::find(self, topic).await.map_err(|error| failed(topic, error))?.leaders;
        let asked = OffsetFetchRequestTopic::default().with_name(text(topic));
        let asked = asked.with_partition_indexes(leaders.into_keys().collect());
        let request = OffsetFetchRequest::default().with_group_id(text(group)).with_topics(Some(vec![asked]));
        let coordinator = coordinator(self, Of::Group, group).await.map_err(|why| failed(group, why))?;
        let answer = granted(self, &coordinator, &request, OFFSET_FETCH, |answer| answer.error_code).await;
        let answer = answer.map_err(|why| failed(group, why))?;
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        let committed = partitions.filter(|partition| partition.committed_offset >= 0);
        Ok(committed.map(|partition| (partition.partition_index, partition.committed_offset)).collect())
    }

    /// Commits in the group's name, as whoever is no member of it can while it has none. Says with which error Kafka
    /// refused it, if it did.
    ///
    /// # Errors
    /// As [`Broker::bounds`].
    pub async fn commit(
        &self,
        group: &str,
        topic: &str,
        offsets: &BTreeMap<i32, i64>,
    ) -> Result<Option<i16>, BrokerError> {
        let one = |(partition, offset): (&i32, &i64)| {
            OffsetCommitRequestPartition::default().with_partition_index(*partition).with_committed_offset(*offset)
        };
        let all = OffsetCommitRequestTopic::default().with_name(text(topic));
        let all = all.with_partitions(offsets.iter().map(one).collect());
        let request = OffsetCommitRequest::default()
            .with_group_id(text(group))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![all]);
        let error = |answer: &OffsetCommitResponse| {
            let mut errors = answer.topics.iter().flat_map(|topic| &topic.partitions).map(|answer| answer.error_code);
            errors.find(|error| *error != 0).unwrap_or(0)
        };
        let coordinator = coordinator(self, Of::Group, group).await.map_err(|why| failed(group, why))?;
        let answered = answered(self, &coordinator, &request, OFFSET_COMMIT, error).await;
        let (_, refused) = answered.map_err(|why| failed(group, why))?;
        Ok(refused.map(|error| error.code()))
    }

    /// Deletes the records of the partition that lie before the offset.
    ///
    /// # Errors
    /// As [`Broker::bounds`].
    pub async fn delete_records(&self, topic: &str, partition: i32, before: i64) -> Result<(), BrokerError> {
        let leaders = topic::find(self, topic).await.map_err(|error| failed(topic, error))?.leaders;
        let leader = leaders.get(&partition).ok_or_else(|| failed(topic, "there is no such partition"))?;
        let at = DeleteRecordsPartition::default().with_partition_index(partition).with_offset(before);
        let at = DeleteRecordsTopic::default().with_name(text(topic)).with_partitions(vec![at]);
        let request = DeleteRecordsRequest::default().with_topics(vec![at]).with_timeout_ms(5_000);
        let answer = self.ask(leader, &request, 1).await.map_err(|error| failed(topic, error))?;
        match answer.topics.first().and_then(|topic| topic.partitions.first()).map(|answer| answer.error_code) {
            Some(0) => Ok(()),
            Some(error) => Err(failed(topic, error_name(error))),
            None => Err(failed(topic, "the answer names no partition")),
        }
    }
}

fn failed(whose: &str, why: impl ToString) -> BrokerError {
    BrokerError::Offsets { whose: whose.to_owned(), why: why.to_string() }
}
