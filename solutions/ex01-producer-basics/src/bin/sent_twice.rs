//! Wrong: sends an order again when its answer takes long, although the client is at it.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer, queue, settle};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let orders = kit::orders();
    let values: Vec<String> = orders.iter().map(json).collect();
    let record = |at: usize| FutureRecord::to(&topic).key(&orders[at].customer_id).payload(&values[at]);
    let mut outcomes = Vec::new();
    for at in 0..orders.len() {
        outcomes.push(queue(&producer, record(at)).await);
    }
    let mut tally = Tally::default();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let outcome = match timeout(Duration::from_millis(60), settle(outcome)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => settle(queue(&producer, record(at)).await).await,
        };
        tally.count(outcome);
    }
    tally.report()
}
