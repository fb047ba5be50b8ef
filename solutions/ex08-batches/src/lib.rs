//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kit::{Downstream, Shutdown};
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

pub use solutions_shared::Ending;

pub const SIZE: usize = 10;
pub const MAX_WAIT: Duration = Duration::from_millis(500);
/// How soon SIGTERM is noticed while nothing comes.
pub const GLANCE: Duration = Duration::from_millis(100);

pub type Client = BaseConsumer<Member>;

/// The name of the group that this client belongs into.
pub fn group() -> String {
    if kit::mode("fan-out") == "sharing" { "shared".to_owned() } else { kit::role() }
}

/// The right settings, for the group of this name.
pub fn config(group: &str) -> ClientConfig {
    let mut config = solutions_shared::config(group);
    config.set("partition.assignment.strategy", "cooperative-sticky");
    config
}

/// A consumer with these settings that joins the group.
pub fn join(config: &ClientConfig) -> KafkaResult<Client> {
    solutions_shared::join(config, "orders", Member::default())
}

/// What has been read and not been handed on.
#[derive(Default)]
pub struct Batch {
    /// Each with its partition.
    pub orders: Vec<(i32, Value)>,
    /// Of each partition, the offset of the next record to read.
    pub next: BTreeMap<i32, i64>,
}

impl Batch {
    /// The order, where the record is one.
    pub fn add(&mut self, message: &BorrowedMessage<'_>) {
        self.next.insert(message.partition(), message.offset() + 1);
        if let Ok(order) = serde_json::from_slice(message.payload().unwrap_or_default()) {
            self.orders.push((message.partition(), order));
        }
    }

    pub fn hand_on(&self, downstream: &Downstream) -> Ending {
        let orders: Vec<&Value> = self.orders.iter().map(|(_, order)| order).collect();
        if !orders.is_empty() {
            downstream.call("process_batch", &orders)?;
        }
        Ok(())
    }

    /// Commits it. Was that taken?
    pub fn commit<C: Consumer<Member>>(&self, consumer: &C) -> bool {
        commit(consumer, &self.next)
    }

    /// Forgets what was read of these partitions.
    pub fn forget(&mut self, going: &TopicPartitionList) {
        for going in going.elements() {
            self.orders.retain(|(of, _)| *of != going.partition());
            self.next.remove(&going.partition());
        }
    }
}

/// Commits these offsets, each for its partition, and those that were refused before. Was that taken?
pub fn commit<C: Consumer<Member>>(consumer: &C, next: &BTreeMap<i32, i64>) -> bool {
    let mut done = consumer.context().done.lock().unwrap_or_else(PoisonError::into_inner);
    done.extend(next);
    let taken = commit_now(consumer, &done);
    if taken {
        done.clear();
    }
    taken
}

/// The same for these alone.
pub fn commit_now<C: Consumer<Member>>(consumer: &C, next: &BTreeMap<i32, i64>) -> bool {
    let places = places(next);
    let committed = if places.count() == 0 { Ok(()) } else { consumer.commit(&places, CommitMode::Sync) };
    if let Err(error) = &committed {
        eprintln!("not committed yet: {error}");
    }
    committed.is_ok()
}

/// As a commit wants them.
pub fn places(next: &BTreeMap<i32, i64>) -> TopicPartitionList {
    let place = |(partition, next): (&i32, &i64)| ((kit::topic("orders"), *partition), Offset::Offset(*next));
    next.iter().map(place).collect()
}

/// When a batch that began at `first`, and got its last record at `last`, is to be handed on.
pub type Due = fn(first: Instant, last: Instant) -> Option<Instant>;

/// MAX_WAIT after its first record.
pub fn in_time(first: Instant, _: Instant) -> Option<Instant> {
    Some(first + MAX_WAIT)
}

/// The open batch, when it has `size` orders or is due, or when we are to stop.
pub fn get_batch(consumer: &Client, shutdown: &Shutdown, size: usize, due: Due) -> KafkaResult<Batch> {
    let mut clock: Option<(Instant, Instant)> = None;
    while consumer.context().open().orders.len() < size && !shutdown.requested() {
        let due = clock.and_then(|(first, last)| due(first, last));
        let patience = due.map_or(GLANCE, |due| due.saturating_duration_since(Instant::now()));
        if due.is_some() && patience.is_zero() {
            break;
        }
        if let Some(message) = next(consumer, patience.min(GLANCE))? {
            consumer.context().open().add(&message);
            let now = Instant::now();
            clock = Some((clock.map_or(now, |(first, _)| first), now));
        }
    }
    Ok(std::mem::take(&mut *consumer.context().open()))
}

/// The next record, or `None` when none has come in time.
pub fn next(consumer: &Client, patience: Duration) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(patience).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}

/// Holds the open batch, and what is done and could not be committed.
#[derive(Default)]
pub struct Member {
    open: Mutex<Batch>,
    done: Mutex<BTreeMap<i32, i64>>,
}

impl Member {
    pub fn open(&self) -> MutexGuard<'_, Batch> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            commit(consumer, &BTreeMap::new());
            self.open().forget(going);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            going.elements().iter().for_each(|going| _ = done.remove(&going.partition()));
        }
    }
}

/// How a batch is done with, once it is there.
pub fn run(
    config: &ClientConfig,
    (size, due): (usize, Due),
    deal: impl Fn(&Client, &Batch, &Downstream) -> Ending,
) -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config)?;
    while !shutdown.requested() {
        let batch = get_batch(&consumer, &shutdown, size, due)?;
        deal(&consumer, &batch, &downstream)?;
    }
    Ok(())
}

/// The right way: hand it on, then commit it.
pub fn deal(consumer: &Client, batch: &Batch, downstream: &Downstream) -> Ending {
    batch.hand_on(downstream)?;
    batch.commit(consumer);
    Ok(())
}
