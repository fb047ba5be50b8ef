//! Wrong: the right key, and always the same partition all the same.

use ex01_producer_basics_solution::{SAFE, json, producer, queue, settle_all};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value).partition(0);
        outcomes.push(queue(&producer, record).await);
    }
    settle_all(outcomes).await.report()
}
