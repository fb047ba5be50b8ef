//! ex13: say how far behind each group is, without any of them noticing. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::BaseConsumer;
use serde_json::Value;

/// The groups that are watched. The names by which Kafka knows them come from `kit::group`.
const WATCHED: [&str; 3] = ["order-processor", "analytics", "billing"];

/// From this lag on, a partition is worth an alert.
const LIMIT: i64 = 10;

/// The lag in each partition; `None` where nobody can know it.
type Lags = BTreeMap<i32, Option<i64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let world = Downstream::connect(); // the outside world
    let mut watched = WATCHED.into_iter().map(Watched::new).collect::<Result<Vec<_>, _>>()?;

    // Each time that somebody wants to know, how it stands now.
    while !shutdown.requested() && world.asked() {
        for group in &mut watched {
            let lags = group.lags()?;
            for partition in group.crossings(&lags) {
                world.call("alert", &serde_json::json!({ "group": group.name, "partition": partition }))?;
            }
            world.call("lag", &group.report(&lags))?;
        }
    }
    Ok(())
}

/// A group that is watched, and what has to be remembered of it from one question to the next.
struct Watched {
    name: &'static str,
    /// Asks Kafka in the group's name. It never subscribes, so it is no member.
    asks: BaseConsumer,
    /// The total of the last report.
    total: Option<i64>,
    /// The partitions that have been at the limit since their last alert.
    above: BTreeSet<i32>,
}

impl Watched {
    /// Step 1. A client that can ask what `kit::group(name)` has committed, and is no member of it.
    fn new(name: &'static str) -> Result<Watched, Box<dyn Error>> {
        todo!("step 1 of 4: create a consumer from kit::config(), and do not subscribe")
    }

    /// Step 2. How far the group is behind in each partition of `kit::topic("orders")`, now.
    ///
    /// Where does the log begin, where does it end, and what has been committed? Which answer leaves nothing to subtract?
    /// What if Kafka's answer is an error?
    fn lags(&self) -> Result<Lags, Box<dyn Error>> {
        todo!("step 2 of 4: ask for the partitions, the committed offsets, and both ends of each log")
    }

    /// Step 3. The partitions whose lag has come to the limit since the last question, each once.
    fn crossings(&mut self, lags: &Lags) -> Vec<i32> {
        todo!("step 3 of 4: compare with LIMIT, and remember who is above it")
    }

    /// Step 4. What the outside world is told: `{"group": …, "lag": {"0": 8, "1": null}, "total": 8, "trend": …}`.
    fn report(&mut self, lags: &Lags) -> Value {
        todo!("step 4 of 4: add up what is known, and compare with the last total")
    }
}
