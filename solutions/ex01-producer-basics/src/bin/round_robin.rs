//! Wrong: names the partition itself, in turn. The table is pretty, and a customer's orders are all over the topic.

use ex01_producer_basics_solution::{SAFE, json, producer, queue, settle_all};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for (order, partition) in kit::orders().iter().zip((0..4).cycle()) {
        let value = json(order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value).partition(partition);
        outcomes.push(queue(&producer, record).await);
    }
    settle_all(outcomes).await.report()
}
