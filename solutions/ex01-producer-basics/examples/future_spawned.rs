//! Right, with a task per order. The orders are queued in the loop, one after the other; only the waiting is spawned,
//! because tasks run in whatever order the runtime likes.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer, queue, settle};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut tasks = JoinSet::new();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
        let outcome = queue(&producer, record).await;
        tasks.spawn(settle(outcome));
    }
    let mut tally = Tally::default();
    while let Some(outcome) = tasks.join_next().await {
        tally.count(outcome.expect("no task panics"));
    }
    tally.report()
}
