//! One of several members that share topic `high-volume`. Partitions that stay are read on while others move, and a
//! partition that moves is handed over with everything in it committed.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

/// After how many records we commit: what a crash may repeat.
const COMMIT_EVERY: u64 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;
    let mut processed: u64 = 0;

    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match serde_json::from_slice::<Value>(message.payload().unwrap_or_default()) {
            Ok(order) => downstream.call("process", &order).map(drop)?,
            Err(reason) => eprintln!("skipped partition {} at {}: {reason}", message.partition(), message.offset()),
        }
        consumer.context().note(&message);
        processed += 1;
        if processed.is_multiple_of(COMMIT_EVERY) {
            consumer.context().commit_so_far(&consumer);
        }
    }

    // Dropping the consumer revokes its partitions, which commits them below, and then leaves the group.
    Ok(())
}

/// Joins the group: cooperatively, so that only partitions that move are taken away.
fn join() -> KafkaResult<BaseConsumer<Member>> {
    let consumer: BaseConsumer<Member> = kit::config()
        .set("client.id", kit::role())
        .set("group.id", kit::group("scaling"))
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create_with_context(Member::default())?;
    consumer.subscribe(&[&kit::topic("high-volume")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now. Rebalances are served in here.
fn next(consumer: &BaseConsumer<Member>) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}

/// What is done: for each partition, the offset of the next record to read. Behind a lock, because the client's
/// callbacks get no more than `&self`.
#[derive(Default)]
struct Member {
    next: Mutex<BTreeMap<(String, i32), i64>>,
}

impl Member {
    fn next(&self) -> MutexGuard<'_, BTreeMap<(String, i32), i64>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called after processing.
    fn note(&self, message: &BorrowedMessage<'_>) {
        self.next().insert((message.topic().to_owned(), message.partition()), message.offset() + 1);
    }

    /// Takes note of where a crash would begin again. Nobody waits for it: while the group rebalances, the coordinator
    /// takes its time with the answer, and what stays shall be read on meanwhile. If it fails, the next one covers it.
    fn commit_so_far(&self, consumer: &BaseConsumer<Self>) {
        let done = self.next().iter().map(|(place, next)| (place.clone(), Offset::Offset(*next))).collect();
        if let Err(error) = consumer.commit(&done, CommitMode::Async) {
            eprintln!("not committed yet: {error}");
        }
    }

    /// Commits what is done in the partitions that go, and forgets them: whether or not it works, they are somebody
    /// else's now, and an old note would set that one back.
    fn hand_over(&self, consumer: &BaseConsumer<Self>, going: &TopicPartitionList) {
        let gone = |(topic, partition): &(String, i32)| going.find_partition(topic, *partition).is_some();
        let mut next = self.next();
        let done = next.iter().filter(|(place, _)| gone(place));
        let done: TopicPartitionList = done.map(|(place, next)| (place.clone(), Offset::Offset(*next))).collect();
        next.retain(|place, _| !gone(place));
        if done.count() > 0
            && let Err(error) = consumer.commit(&done, CommitMode::Sync)
        {
            eprintln!("not committed, so it will come again elsewhere: {error}");
        }
    }
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    // Runs inside our own `poll`, or inside the drop: never while a record is half processed.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            self.hand_over(consumer, going);
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            eprintln!("not committed yet: {error}");
        }
    }
}
