//! Gathers records and processes them; commits what is processed every two seconds, and when a partition goes.

use super::super::{Batch, GROUP, PROCESS, SESSION_SECONDS};
use super::outside::Outside;
use super::{Settings, Trouble};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two commits. What is processed in between comes again when nobody is there to commit it.
const COMMIT_EVERY: Duration = Duration::from_secs(2);

/// How long we wait for the next record, before we look whether something else is wanted.
const POLL: Duration = Duration::from_millis(50);

pub(super) fn run(settings: &Settings) -> Result<(), Trouble> {
    let own = settings.controls().own_groups;
    let group = if own { settings.role.as_str() } else { GROUP };
    let consumer: BaseConsumer<Member> = settings
        .client()
        .set("group.id", Settings::group(group)?)
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("session.timeout.ms", (SESSION_SECONDS * 1_000).to_string())
        .set("heartbeat.interval.ms", "1000")
        // A few answers a second, whatever the pace: everything that is said is kept.
        .set("fetch.min.bytes", "100000")
        .set("fetch.wait.max.ms", "250")
        .create_with_context(Member::new(group, &settings.topic)?)?;
    consumer.subscribe(&[&settings.topic])?;
    while !settings.stopped() {
        match consumer.poll(POLL).transpose() {
            Ok(Some(message)) => {
                let readable = serde_json::from_slice::<Value>(message.payload().unwrap_or_default()).is_ok();
                consumer.context().gathered().add(message.partition(), message.offset(), readable);
            }
            Ok(None) => {}
            Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => return Err(fatal.into()),
            Err(_) => {} // the client tries again by itself
        }
        if consumer.context().gathered().is_due(settings.controls().batch) {
            consumer.context().work()?;
        }
        consumer.context().commit(&consumer, COMMIT_EVERY);
    }
    // What is in hand is finished; then the drop says goodbye to the group.
    consumer.context().work()?;
    consumer.context().commit(&consumer, Duration::ZERO);
    Ok(())
}

/// Records that have come and are not processed: of each partition the first, the last, and those that are no JSON.
#[derive(Default)]
struct Gathered {
    count: usize,
    since: Option<Instant>,
    partitions: BTreeMap<i32, (i64, i64)>,
    poison: Vec<(i32, i64)>,
}

impl Gathered {
    fn add(&mut self, partition: i32, offset: i64, readable: bool) {
        self.count += 1;
        self.since.get_or_insert_with(Instant::now);
        self.partitions.entry(partition).or_insert((offset, offset)).1 = offset;
        if !readable {
            self.poison.push((partition, offset));
        }
    }

    fn is_due(&self, batch: Batch) -> bool {
        let Some(since) = self.since else { return false };
        match batch {
            Batch::Each => true,
            Batch::Size(size) => self.count >= size || since.elapsed() >= Batch::PATIENCE,
            Batch::Time(ms) => since.elapsed() >= Duration::from_millis(ms),
        }
    }
}

/// What is processed, and not committed.
struct Done {
    offsets: TopicPartitionList,
    committed: Instant,
}

struct Member {
    group: String,
    topic: String,
    done: Mutex<Done>,
    outside: Mutex<Outside>,
    gathered: Mutex<Gathered>,
}

impl Member {
    fn new(group: &str, topic: &str) -> Result<Member, Trouble> {
        Ok(Member {
            group: group.into(),
            topic: topic.into(),
            done: Mutex::new(Done { offsets: TopicPartitionList::new(), committed: Instant::now() }),
            outside: Mutex::new(Outside::connect()?),
            gathered: Mutex::default(),
        })
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        locked(&self.gathered)
    }

    /// Processes what was gathered.
    fn work(&self) -> Result<(), Trouble> {
        let batch = std::mem::take(&mut *self.gathered());
        if batch.count == 0 {
            return Ok(());
        }
        let records: Vec<Value> = batch.partitions.iter().map(|(p, (first, last))| json!([p, first, last])).collect();
        let args = json!({ "group": self.group, "count": batch.count, "records": records, "poison": batch.poison });
        locked(&self.outside).call(PROCESS, &args)?;
        let mut done = locked(&self.done);
        for (partition, (_, last)) in batch.partitions {
            let next = Offset::Offset(last + 1);
            if done.offsets.set_partition_offset(&self.topic, partition, next).is_err() {
                done.offsets.add_partition_offset(&self.topic, partition, next)?;
            }
        }
        Ok(())
    }

    /// Commits what is processed, where the last commit is so long ago.
    fn commit(&self, consumer: &BaseConsumer<Member>, every: Duration) {
        let mut done = locked(&self.done);
        if done.committed.elapsed() < every {
            return;
        }
        done.committed = Instant::now();
        let offsets = std::mem::replace(&mut done.offsets, TopicPartitionList::new());
        drop(done);
        if offsets.count() > 0 {
            // Refused in a rebalance, it comes again elsewhere.
            consumer.commit(&offsets, CommitMode::Sync).ok();
        }
    }
}

/// Nobody panics with it in hand.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    // Runs inside of our own `poll`, or of the drop.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            self.work().ok();
            self.commit(consumer, Duration::ZERO);
        }
    }
}
