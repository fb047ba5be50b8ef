//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

pub use solutions_shared::{Ending, next};

/// The right settings: our group, cooperatively, from the oldest order, no commit that we did not ask for.
pub fn config() -> ClientConfig {
    let mut config = solutions_shared::config("scaling");
    config.set("client.id", kit::role()).set("partition.assignment.strategy", "cooperative-sticky");
    config
}

/// A consumer with these settings and this context that joins the group.
pub fn join<C: ConsumerContext + 'static>(config: &ClientConfig, context: C) -> KafkaResult<BaseConsumer<C>> {
    solutions_shared::join(config, "high-volume", context)
}

/// The order in a record.
pub fn parse(message: &BorrowedMessage<'_>) -> serde_json::Result<Value> {
    serde_json::from_slice(message.payload().unwrap_or_default())
}

/// What is done: for each partition, the offset of the next record to read.
#[derive(Default)]
pub struct Done(Mutex<BTreeMap<(String, i32), i64>>);

impl Done {
    fn next(&self) -> MutexGuard<'_, BTreeMap<(String, i32), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called after processing.
    pub fn note(&self, message: &impl Message) {
        self.next().insert((message.topic().to_owned(), message.partition()), message.offset() + 1);
    }

    /// All of it as the list that a commit wants.
    pub fn offsets(&self) -> TopicPartitionList {
        self.next().iter().map(|(place, next)| (place.clone(), Offset::Offset(*next))).collect()
    }

    /// The part of it that is in these partitions, which are forgotten: they are somebody else's from now on.
    pub fn hand_over(&self, going: &TopicPartitionList) -> TopicPartitionList {
        let gone = |(topic, partition): &(String, i32)| going.find_partition(topic, *partition).is_some();
        let mut next = self.next();
        let offsets = next.iter().filter(|(place, _)| gone(place));
        let offsets = offsets.map(|(place, next)| (place.clone(), Offset::Offset(*next))).collect();
        next.retain(|place, _| !gone(place));
        offsets
    }
}

/// Commits these offsets, if there are any, and waits for the answer.
pub fn commit<C: ConsumerContext>(consumer: &BaseConsumer<C>, offsets: &TopicPartitionList) {
    if offsets.count() > 0
        && let Err(error) = consumer.commit(offsets, CommitMode::Sync)
    {
        eprintln!("not committed: {error}");
    }
}

/// The right context: what goes is committed first.
#[derive(Default)]
pub struct HandOver(pub Done);

impl ClientContext for HandOver {}

impl ConsumerContext for HandOver {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            commit(consumer, &self.0.hand_over(going));
        }
    }
}
