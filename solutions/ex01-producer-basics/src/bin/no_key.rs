//! Wrong: the records have no key, so nothing keeps a customer's orders in one partition.

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
        let record = FutureRecord::<(), _>::to(&topic).payload(&value);
        outcomes.push(queue(&producer, record).await);
    }
    settle_all(outcomes).await.report()
}
