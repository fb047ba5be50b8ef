//! ex8: hand on orders in batches, as one of two clients. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use serde_json::Value;

const SIZE: usize = 10;
const MAX_WAIT: Duration = Duration::from_millis(500);

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // the outside world
    let consumer = join()?;

    while !shutdown.requested() {
        let batch = get_batch(&consumer, &shutdown)?;
        hand_on(&batch, &downstream, &consumer)?;
    }
    Ok(()) // here the consumer is dropped, and leaves the group
}

/// The name of the group that this client is to be in. `kit::role()` is `bravo` or `zulu`; `kit::mode("fan-out")` is
/// `fan-out` or `sharing`.
fn group() -> String {
    todo!("step 1 of 5: kit::group(…) of your own name, or of \"shared\"")
}

/// Creates a consumer with a Member of yours, and subscribes it to topic `orders`. You know this from ex3.
fn join() -> Result<BaseConsumer<Member>, Box<dyn Error>> {
    let group = group();
    todo!("step 2 of 5: create a consumer from kit::config() and subscribe to kit::topic(\"orders\")")
}

/// What has been read and not been handed on.
#[derive(Default)]
struct Batch {
    /// Each with its partition.
    orders: Vec<(i32, Value)>,
    /// Of each partition, the offset of the next record to read.
    next: BTreeMap<i32, i64>,
}

/// A full batch, or what has come when its first record has waited for MAX_WAIT. When does the clock start, and who looks
/// at it while nothing comes?
fn get_batch(consumer: &BaseConsumer<Member>, shutdown: &Shutdown) -> Result<Batch, Box<dyn Error>> {
    todo!("step 3 of 5: poll, for no longer than the open batch may still wait, and skip what is no order")
}

/// One call for the whole batch, and then one commit. An empty batch is no reason to call.
fn hand_on(batch: &Batch, downstream: &Downstream, consumer: &BaseConsumer<Member>) -> Result<(), Box<dyn Error>> {
    todo!("step 4 of 5: downstream.call(\"process_batch\", …) with the list of orders, then commit for each partition")
}

/// What the client calls back. The open batch is here, so that the callback can see it; and what is done, but could not
/// be committed? (Lock it for a moment at a time: the callback runs inside of your poll, and would wait for you there.)
#[derive(Default)]
struct Member {
    open: Mutex<Batch>,
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    /// Called from within your poll, before partitions come and before they go.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            todo!(
                "step 5 of 5: commit what is done; and what becomes of the open batch's records whose partition goes?"
            )
        }
    }
}
