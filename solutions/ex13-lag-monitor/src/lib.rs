//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::json;

pub const WATCHED: [&str; 3] = ["order-processor", "analytics", "billing"];
pub const LIMIT: i64 = 10;
pub const PATIENCE: Duration = Duration::from_secs(10);

pub type Lags = BTreeMap<i32, Option<i64>>;
pub type Ending = Result<(), Box<dyn Error>>;

/// What Kafka says of a group in a partition.
#[derive(Clone, Copy)]
pub struct Seen {
    pub committed: Option<i64>,
    pub start: i64,
    pub end: i64,
}

impl Seen {
    /// The right lag.
    pub fn lag(self) -> Option<i64> {
        self.committed.filter(|next| *next <= self.end).map(|next| self.end - next.max(self.start))
    }
}

/// How a monitor goes about it; each wrong one differs from [`Habits::default`] in one thing.
#[derive(Clone, Copy)]
pub struct Habits {
    /// `isolation.level`
    pub isolation: &'static str,
    /// The group whose commits are asked for where this one is reported.
    pub asks_for: fn(&'static str) -> &'static str,
    pub lag: fn(Seen) -> Option<i64>,
    /// Is a partition in the report, of which this is said?
    pub includes: fn(Option<i64>) -> bool,
    /// Is it news, where the partition has been at the limit before, or not?
    pub is_news: fn(i64, bool) -> bool,
    /// Is a partition still at the limit?
    pub stays: fn(i64) -> bool,
    /// Does it stay there while its lag is unknown?
    pub unknown_stays: bool,
    pub total: fn(&Lags) -> Option<i64>,
    /// Which of the totals before, oldest first, is the one to compare with?
    pub compares_with: fn(&[Option<i64>]) -> Option<i64>,
    pub measures: Measures,
    pub on_error: OnError,
    pub listens_to_stop: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Measures {
    WhenAsked,
    BeforeItIsAsked,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    AskAgain,
    Die,
    SayZero,
    /// Asks once more, and then says that nobody knows.
    SayNothing,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            isolation: "read_uncommitted",
            asks_for: |group| group,
            lag: Seen::lag,
            includes: |_| true,
            is_news: |lag, above| lag >= LIMIT && !above,
            stays: |lag| lag >= LIMIT,
            unknown_stays: true,
            total: |lags| lags.values().copied().flatten().reduce(|sum, lag| sum + lag),
            compares_with: |totals| totals.last().copied().flatten(),
            measures: Measures::WhenAsked,
            on_error: OnError::AskAgain,
            listens_to_stop: true,
        }
    }
}

impl Habits {
    /// Watches until nobody asks any more.
    pub fn watch(self) -> Ending {
        let shutdown = self.listens_to_stop.then(Shutdown::listen);
        let stopped = || shutdown.as_ref().is_some_and(Shutdown::requested);
        let world = Downstream::connect();
        let mut watched = WATCHED.into_iter().map(|name| Watched::new(name, self)).collect::<KafkaResult<Vec<_>>>()?;
        loop {
            let early = match self.measures {
                Measures::WhenAsked => None,
                Measures::BeforeItIsAsked => {
                    Some(watched.iter().map(|group| self.measured(group)).collect::<Result<Vec<_>, _>>())
                }
            };
            if stopped() || !world.asked() {
                return Ok(());
            }
            let mut early = early.transpose()?.map(Vec::into_iter);
            for group in &mut watched {
                let measured = early.as_mut().and_then(Iterator::next);
                let lags = match measured {
                    Some(lags) => lags,
                    None => self.measured(group)?,
                };
                group.tell(&lags, &world)?;
            }
        }
    }

    fn measured(self, group: &Watched) -> Result<Lags, Box<dyn Error>> {
        loop {
            match (group.lags(), self.on_error) {
                (Ok(lags), _) => return Ok(lags),
                (Err(error), OnError::Die) => return Err(error.into()),
                (Err(_), OnError::SayZero) => return Ok((0..4).map(|partition| (partition, Some(0))).collect()),
                (Err(_), OnError::SayNothing) => {
                    return Ok(group.lags().unwrap_or_else(|_| (0..4).map(|partition| (partition, None)).collect()));
                }
                (Err(error), OnError::AskAgain) => eprintln!("asking again: {error}"),
            }
            sleep(Duration::from_millis(50));
        }
    }
}

/// A group that is watched.
pub struct Watched {
    name: &'static str,
    asks: BaseConsumer,
    totals: Vec<Option<i64>>,
    above: BTreeSet<i32>,
    habits: Habits,
}

impl Watched {
    pub fn new(name: &'static str, habits: Habits) -> KafkaResult<Watched> {
        let asks = kit::config()
            .set("group.id", kit::group((habits.asks_for)(name)))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", habits.isolation)
            .create()?;
        Ok(Watched { name, asks, totals: Vec::new(), above: BTreeSet::new(), habits })
    }

    pub fn consumer(&self) -> &BaseConsumer {
        &self.asks
    }

    fn lags(&self) -> KafkaResult<Lags> {
        let mut lags = Lags::new();
        for (partition, seen) in seen(&self.asks)? {
            if (self.habits.includes)(seen.committed) {
                lags.insert(partition, (self.habits.lag)(seen));
            }
        }
        Ok(lags)
    }

    /// Alerts, and the report.
    pub fn tell(&mut self, lags: &Lags, world: &Downstream) -> Ending {
        for (&partition, &lag) in lags {
            let Some(lag) = lag else {
                self.above.retain(|above| self.habits.unknown_stays || *above != partition);
                continue;
            };
            if (self.habits.is_news)(lag, self.above.contains(&partition)) {
                world.call("alert", &json!({ "group": self.name, "partition": partition }))?;
            }
            if lag >= LIMIT {
                self.above.insert(partition);
            } else if !(self.habits.stays)(lag) {
                self.above.remove(&partition);
            }
        }
        let total = (self.habits.total)(lags);
        let before = (self.habits.compares_with)(&self.totals);
        let trend = before.zip(total).map(|(before, now)| match now - before {
            ..=-1 => "shrinking",
            0 => "steady",
            1.. => "growing",
        });
        self.totals.push(total);
        world.call("lag", &json!({ "group": self.name, "lag": lags, "total": total, "trend": trend }))?;
        Ok(())
    }
}

/// All partitions of the topic.
pub fn partitions(asks: &BaseConsumer) -> KafkaResult<TopicPartitionList> {
    let topic = kit::topic("orders");
    let mut all = TopicPartitionList::new();
    for of in asks.fetch_metadata(Some(&topic), PATIENCE)?.topics() {
        of.partitions().iter().for_each(|partition| _ = all.add_partition(&topic, partition.id()));
    }
    Ok(all)
}

/// What Kafka says of the client's group.
pub fn seen(asks: &BaseConsumer) -> KafkaResult<BTreeMap<i32, Seen>> {
    let committed = asks.committed_offsets(partitions(asks)?, PATIENCE)?;
    let mut seen = BTreeMap::new();
    for element in committed.elements() {
        element.error()?;
        let committed = match element.offset() {
            Offset::Offset(next) => Some(next),
            _ => None,
        };
        let (start, end) = asks.fetch_watermarks(element.topic(), element.partition(), PATIENCE)?;
        seen.insert(element.partition(), Seen { committed, start, end });
    }
    Ok(seen)
}
