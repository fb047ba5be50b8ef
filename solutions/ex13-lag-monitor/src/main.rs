//! Says how far behind each group is in each partition, whenever somebody wants to know. It asks Kafka about offsets and
//! does nothing else, so nobody notices.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value, json};

const WATCHED: [&str; 3] = ["order-processor", "analytics", "billing"];
/// From this lag on, a partition is worth an alert.
const LIMIT: i64 = 10;
/// Of one question to Kafka.
const PATIENCE: Duration = Duration::from_secs(10);

/// The lag in each partition; `None` where nobody can know it.
type Lags = BTreeMap<i32, Option<i64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let mut watched = WATCHED.into_iter().map(Watched::new).collect::<KafkaResult<Vec<_>>>()?;

    while !shutdown.requested() && world.asked() {
        for group in &mut watched {
            // A guess is worse than a late answer, and a monitor that has died watches nothing.
            let Some(lags) = patiently(&shutdown, || group.lags()) else { return Ok(()) };
            for partition in group.crossings(&lags) {
                world.call("alert", &json!({ "group": group.name, "partition": partition }))?;
            }
            world.call("lag", &group.report(&lags))?;
        }
    }
    Ok(())
}

/// Asks until Kafka answers; `None` when we are to stop before it does.
fn patiently<T>(shutdown: &Shutdown, ask: impl Fn() -> KafkaResult<T>) -> Option<T> {
    while !shutdown.requested() {
        match ask() {
            Ok(answer) => return Some(answer),
            Err(error) => eprintln!("asking again: {error}"),
        }
        sleep(Duration::from_millis(50));
    }
    None
}

/// A group that is watched, and what is remembered of it from one question to the next.
struct Watched {
    name: &'static str,
    asks: BaseConsumer,
    /// Of the last report.
    total: Option<i64>,
    /// The partitions that have been at the limit since their last alert.
    above: BTreeSet<i32>,
}

impl Watched {
    fn new(name: &'static str) -> KafkaResult<Watched> {
        let asks = kit::config()
            .set("group.id", kit::group(name)) // whose commits it asks for; without subscribe() it is no member
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_uncommitted") // the log ends at the high watermark, as Kafka's tools say
            .create()?;
        Ok(Watched { name, asks, total: None, above: BTreeSet::new() })
    }

    fn lags(&self) -> KafkaResult<Lags> {
        let topic = kit::topic("orders");
        // Not from what is committed: that would leave out the partitions that need a look most.
        let metadata = self.asks.fetch_metadata(Some(&topic), PATIENCE)?;
        let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
        let mut all = TopicPartitionList::new();
        partitions.for_each(|partition| _ = all.add_partition(&topic, partition.id()));

        // The commits first: a group that works meanwhile is then ahead of no end.
        let committed = self.asks.committed_offsets(all, PATIENCE)?;
        let lag = |partition: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            partition.error()?;
            let (start, end) = self.asks.fetch_watermarks(&topic, partition.partition(), PATIENCE)?;
            let lag = match partition.offset() {
                // What was deleted before the group came to it is lost. It is not to be read any more.
                Offset::Offset(next) if next <= end => Some(end - next.max(start)),
                // Nothing committed, or in a log that is not there any more: `auto.offset.reset` of the members decides.
                _ => None,
            };
            Ok((partition.partition(), lag))
        };
        committed.elements().iter().map(lag).collect()
    }

    fn crossings(&mut self, lags: &Lags) -> Vec<i32> {
        let mut crossings = Vec::new();
        for (&partition, &lag) in lags {
            match lag {
                Some(lag) if lag >= LIMIT => crossings.extend(self.above.insert(partition).then_some(partition)),
                Some(_) => _ = self.above.remove(&partition),
                None => {} // neither above nor below
            }
        }
        crossings
    }

    fn report(&mut self, lags: &Lags) -> Value {
        let total = lags.values().copied().flatten().reduce(|sum, lag| sum + lag);
        let trend = self.total.zip(total).map(|(before, now)| match now.cmp(&before) {
            Ordering::Greater => "growing",
            Ordering::Less => "shrinking",
            Ordering::Equal => "steady",
        });
        self.total = total;
        json!({ "group": self.name, "lag": lags, "total": total, "trend": trend })
    }
}
