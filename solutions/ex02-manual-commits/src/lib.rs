//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kit::Shutdown;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, DefaultConsumerContext};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

pub use solutions_shared::{Ending, next};

/// The right settings: our group, from the oldest record, no commit that we did not ask for.
pub fn config() -> ClientConfig {
    solutions_shared::config("order-processor")
}

/// A consumer with these settings that joins the group.
pub fn join(config: &ClientConfig) -> KafkaResult<BaseConsumer> {
    solutions_shared::join(config, "orders", DefaultConsumerContext)
}

/// The order in a record; poison is skipped with a word about where it is.
pub fn parse(message: &BorrowedMessage<'_>) -> Option<Value> {
    serde_json::from_slice(message.payload().unwrap_or_default())
        .inspect_err(|reason| {
            let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
            eprintln!("skipped {topic}[{partition}] at offset {offset}: {reason}");
        })
        .ok()
}

/// A record that waits in a buffer; without an order it is poison.
pub type Waiting<'a> = (BorrowedMessage<'a>, Option<Value>);

/// Collects records until `most` orders are among them, or nothing has come for a while, or it is time to stop.
pub fn collect<'a>(consumer: &'a BaseConsumer, shutdown: &Shutdown, most: usize) -> KafkaResult<Vec<Waiting<'a>>> {
    let mut batch = Vec::new();
    let mut last = Instant::now();
    // The time is our own: `poll` also returns nothing when it has served an event, such as a rebalance.
    while orders(&batch) < most && last.elapsed() < Duration::from_millis(500) && !shutdown.requested() {
        if let Some(message) = next(consumer)? {
            let order = parse(&message);
            batch.push((message, order));
            last = Instant::now();
        }
    }
    Ok(batch)
}

/// How many orders are waiting: poison does not count.
pub fn orders(batch: &[Waiting<'_>]) -> usize {
    batch.iter().filter(|(_, order)| order.is_some()).count()
}

/// What is done and not yet committed: for each partition, the offset of the next record to read.
#[derive(Default)]
pub struct Done(BTreeMap<(String, i32), i64>);

impl Done {
    /// Notes that this record is done.
    pub fn note(&mut self, message: &BorrowedMessage<'_>) {
        self.note_offset(message, message.offset() + 1);
    }

    /// Notes any offset for the record's partition, right or wrong.
    pub fn note_offset(&mut self, message: &BorrowedMessage<'_>, offset: i64) {
        self.0.insert((message.topic().to_owned(), message.partition()), offset);
    }

    /// Forgets the partitions that are not in `mine`: they have another owner, who has moved on.
    pub fn keep(&mut self, mine: &TopicPartitionList) {
        self.0.retain(|(topic, partition), _| mine.find_partition(topic, *partition).is_some());
    }

    /// All of it as the list that a commit wants.
    pub fn offsets(&self) -> TopicPartitionList {
        self.0.iter().map(|(partition, next)| (partition.clone(), Offset::Offset(*next))).collect()
    }

    /// Commits what is done and waits for the answer. After a failure the note stays for the next commit.
    pub fn commit<C: ConsumerContext>(&mut self, consumer: &BaseConsumer<C>) {
        let committed = consumer.assignment().and_then(|mine| {
            self.keep(&mine);
            if self.0.is_empty() { Ok(()) } else { consumer.commit(&self.offsets(), CommitMode::Sync) }
        });
        match committed {
            Ok(()) => self.0.clear(),
            Err(error) => eprintln!("not committed yet: {error}"),
        }
    }
}
