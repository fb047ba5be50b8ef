//! Exercise 1: send today's orders to Kafka, keyed by customer, and tell the truth about what became of each.
//!
//! Start with `README.md` beside `src`. Fill in the functions from top to bottom: each `todo!` is one step, and the
//! program runs until it reaches the next. The signatures are a suggestion; nothing but what your program does counts.

#![allow(unused_variables)] // for as long as a todo! leaves something unused; remove it when none is left

use kit::Order;
use rdkafka::error::KafkaResult;
use rdkafka::producer::{DeliveryFuture, FutureProducer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// What became of the orders. As JSON it is just what the outside world wants to hear at the end.
#[derive(Default, Serialize)]
struct Tally {
    delivered: u64,
    failed: u64,
    /// How many of the delivered ones lie in each partition.
    partitions: BTreeMap<i32, u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer();
    let outcomes = queue_all(&producer, &kit::topic("orders"), &kit::orders()).await;
    let tally = settle_all(outcomes).await;
    report(&tally)
}

/// Step 1. A producer that loses nothing and doubles nothing.
///
/// `kit::config()` knows where Kafka is and sets nothing else. Which defaults of librdkafka are not good enough here?
fn producer() -> FutureProducer {
    todo!("step 1 of 4: create a producer from kit::config() and the settings that this exercise needs")
}

/// Step 2. Queues all orders in their order, without waiting for Kafka in between.
///
/// The value is the order as JSON (`serde_json`). The key is what keeps a customer's orders together. Queueing itself
/// can fail: a full queue asks you to wait a moment and try again, any other error is the outcome of that order.
async fn queue_all(producer: &FutureProducer, topic: &str, orders: &[Order]) -> Vec<KafkaResult<DeliveryFuture>> {
    todo!("step 2 of 4: queue each order with send_result, and keep what that returns")
}

/// Step 3. Waits for the delivery report of every order and counts it, the bad ones as well.
///
/// Awaiting a `DeliveryFuture` gives a `Result` in a `Result`: was there a report at all, and what did it say?
async fn settle_all(outcomes: Vec<KafkaResult<DeliveryFuture>>) -> Tally {
    todo!("step 3 of 4: await every outcome and count it")
}

/// Step 4. Prints the distribution and the failures, hands the tally in with one call
/// `kit::Downstream::connect().call("report", tally)`, and turns it into the exit status.
///
/// Is anything still in the producer's queue at this point? Whatever is there when the program ends is lost.
fn report(tally: &Tally) -> ExitCode {
    todo!("step 4 of 4: print the tally, report it once, and succeed only if nothing failed")
}
