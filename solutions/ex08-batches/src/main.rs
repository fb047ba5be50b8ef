//! Hands on orders in batches: full ones, or what has come when the first order of a batch has waited long enough.
//! `bravo` and `zulu` each see every order, or share them: the group decides.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

const SIZE: usize = 10;
/// From the first record of a batch on. Before there is one, nobody is waiting.
const MAX_WAIT: Duration = Duration::from_millis(500);
/// How soon we notice SIGTERM while nothing comes.
const GLANCE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;

    while !shutdown.requested() {
        let batch = get_batch(&consumer, &shutdown)?;
        if !batch.orders.is_empty() {
            downstream.call("process_batch", &batch.values())?;
        }
        consumer.context().done().extend(&batch.next);
        consumer.context().commit(&consumer);
    }
    Ok(())
}

/// Each client has a group of its own, and sees everything; or both are in one, and share.
fn group() -> String {
    match kit::mode("fan-out").as_str() {
        "sharing" => kit::group("shared"),
        _ => kit::group(&kit::role()),
    }
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest order.
fn join() -> KafkaResult<BaseConsumer<Member>> {
    let consumer: BaseConsumer<Member> = kit::config()
        .set("client.id", kit::role())
        .set("group.id", group())
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create_with_context(Member::default())?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// A full batch; or whatever has come when the first record has waited for MAX_WAIT, or when we are to stop. Empty only
/// then.
fn get_batch(consumer: &BaseConsumer<Member>, shutdown: &Shutdown) -> KafkaResult<Batch> {
    let mut due: Option<Instant> = None;
    while consumer.context().open().orders.len() < SIZE && !shutdown.requested() {
        let patience = due.map_or(GLANCE, |due| due.saturating_duration_since(Instant::now()));
        if due.is_some() && patience.is_zero() {
            break;
        }
        if let Some(message) = next(consumer, patience.min(GLANCE))? {
            consumer.context().open().add(&message);
            due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
        }
    }
    Ok(std::mem::take(&mut *consumer.context().open()))
}

/// The next record, or `None` when none has come in time. Rebalances are served in here.
fn next(consumer: &BaseConsumer<Member>, patience: Duration) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(patience).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}

/// What has been read and not been handed on.
#[derive(Default)]
struct Batch {
    /// Each with its partition.
    orders: Vec<(i32, Value)>,
    /// Of each partition, the offset of the next record to read, behind orders and what was skipped.
    next: BTreeMap<i32, i64>,
}

impl Batch {
    fn add(&mut self, message: &BorrowedMessage<'_>) {
        self.next.insert(message.partition(), message.offset() + 1);
        match serde_json::from_slice(message.payload().unwrap_or_default()) {
            Ok(order) => self.orders.push((message.partition(), order)),
            Err(reason) => eprintln!("skipped partition {} at {}: {reason}", message.partition(), message.offset()),
        }
    }

    fn values(&self) -> Vec<&Value> {
        self.orders.iter().map(|(_, order)| order).collect()
    }
}

/// What the callback of a rebalance must know, behind locks, because it gets no more than `&self`.
#[derive(Default)]
struct Member {
    /// The open batch.
    open: Mutex<Batch>,
    /// Of each partition, the offset behind what is done, where that is not committed yet.
    done: Mutex<BTreeMap<i32, i64>>,
}

impl Member {
    fn open(&self) -> MutexGuard<'_, Batch> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self) -> MutexGuard<'_, BTreeMap<i32, i64>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits what is done. A group that rebalances refuses that, so what is refused is kept for the next time.
    fn commit(&self, consumer: &BaseConsumer<Self>) {
        let mut done = self.done();
        let place = |(partition, next): (&i32, &i64)| ((kit::topic("orders"), *partition), Offset::Offset(*next));
        let places: TopicPartitionList = done.iter().map(place).collect();
        if places.count() == 0 {
            return;
        }
        match consumer.commit(&places, CommitMode::Sync) {
            Ok(()) => done.clear(),
            Err(error) => eprintln!("not committed yet: {error}"),
        }
    }

    /// Forgets what was read of a partition that goes: its next owner begins at what is committed.
    fn forget(&self, partition: i32) {
        let mut open = self.open();
        open.orders.retain(|(of, _)| *of != partition);
        open.next.remove(&partition);
        self.done().remove(&partition);
    }
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    // Runs inside our own `poll`, or inside the drop: a batch may be open then, and none is in hand.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            self.commit(consumer);
            going.elements().iter().for_each(|going| self.forget(going.partition()));
        }
    }
}
