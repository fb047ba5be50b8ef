//! Wrong: makes room when the queue is full, and forgets the order that had none.

use ex01_producer_basics_solution::{SAFE, Tally, config, json, settle_all};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    let mut config = config(SAFE);
    config.set("queue.buffering.max.messages", "20"); // so that a hundred orders are too many for it
    let producer: FutureProducer = config.create().expect("the settings make a producer");
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for order in kit::orders() {
        let value = json(&order);
        match producer.send_result(FutureRecord::to(&topic).key(&order.customer_id).payload(&value)) {
            Ok(outcome) => outcomes.push(Ok(outcome)),
            Err(_full) => producer.flush(Duration::from_secs(60)).expect("room"),
        }
    }
    let tally: Tally = settle_all(outcomes).await;
    tally.report()
}
