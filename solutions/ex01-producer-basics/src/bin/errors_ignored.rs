//! Wrong: waits for every outcome and looks at the good ones only. What Kafka refused counts as delivered.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer, queue, settle};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
        outcomes.push(queue(&producer, record).await);
    }
    let mut tally = Tally { delivered: outcomes.len() as u64, ..Tally::default() };
    for outcome in outcomes {
        if let Ok(partition) = settle(outcome).await {
            *tally.partitions.entry(partition).or_default() += 1;
        }
    }
    tally.report()
}
