//! Processes each order of topic `orders` and commits after every ten, so that a crash repeats at most ten
//! orders and loses none.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

/// After how many processed orders we commit, counted over all partitions together.
const COMMIT_EVERY: u64 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;
    let mut done = Done::default();
    let mut processed = 0;

    // The flag is looked at between two records: a record in hand is always finished.
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match parse(&message) {
            Ok(order) => {
                // A refusal ends the program: this order is not done, so nothing may be committed past it, and the
                // next start tries it again.
                downstream.call("process", &order)?;
                done.note(&message);
                processed += 1;
                if processed % COMMIT_EVERY == 0 {
                    done.commit(&consumer);
                }
            }
            Err(reason) => {
                let (partition, offset) = (message.partition(), message.offset());
                eprintln!("skipped {}[{partition}] at offset {offset}: {reason}", message.topic());
                // Skipping is a decision, and it is made: the next commit moves past this record, too.
                done.note(&message);
            }
        }
    }

    done.commit(&consumer);
    Ok(()) // drops the consumer, which leaves the group: the other members need not wait for a session timeout
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest order.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now. The wait is short, because SIGTERM waits with us.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        // Anything else is news, not a verdict: the client reconnects by itself.
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}

/// The order in a record. A record without a value is no order either, and "no bytes" is not JSON.
fn parse(message: &BorrowedMessage<'_>) -> serde_json::Result<Value> {
    serde_json::from_slice(message.payload().unwrap_or_default())
}

/// What is done and not yet committed: for each partition, the offset of the next record to read.
#[derive(Default)]
struct Done(BTreeMap<(String, i32), i64>);

impl Done {
    /// To be called after processing, so that whatever is in here may be committed at any time.
    fn note(&mut self, message: &BorrowedMessage<'_>) {
        let partition = (message.topic().to_owned(), message.partition());
        self.0.insert(partition, message.offset() + 1); // committed is the next one, not the last one
    }

    /// Commits everything that is done. If it fails, the note stays, and the next commit covers it.
    fn commit(&mut self, consumer: &BaseConsumer) {
        match self.try_commit(consumer) {
            Ok(()) => self.0.clear(),
            Err(error) => eprintln!("not committed yet: {error}"),
        }
    }

    fn try_commit(&mut self, consumer: &BaseConsumer) -> KafkaResult<()> {
        // A partition that a rebalance gave to somebody else has moved on there. Our old note would set it back.
        let mine = consumer.assignment()?;
        self.0.retain(|(topic, partition), _| mine.find_partition(topic, *partition).is_some());
        if self.0.is_empty() {
            return Ok(());
        }
        let mut offsets = TopicPartitionList::new();
        for ((topic, partition), next) in &self.0 {
            offsets.add_partition_offset(topic, *partition, Offset::Offset(*next))?;
        }
        consumer.commit(&offsets, CommitMode::Sync) // returns when the coordinator has answered
    }
}
