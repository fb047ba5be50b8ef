//! Wrong: sends again what Kafka has refused for good, behind everything else.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer, queue, settle};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut tally = Tally::default();
    let mut open = kit::orders();
    while !open.is_empty() {
        let mut outcomes = Vec::new();
        for order in &open {
            let value = json(order);
            let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
            outcomes.push(queue(&producer, record).await);
        }
        let mut again = Vec::new();
        for (order, outcome) in open.into_iter().zip(outcomes) {
            match settle(outcome).await {
                Ok(partition) => tally.count(Ok::<_, String>(partition)),
                Err(_) => again.push(order), // until it works
            }
        }
        open = again;
    }
    tally.report()
}
