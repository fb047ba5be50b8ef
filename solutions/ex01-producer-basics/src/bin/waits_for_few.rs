//! Wrong: queues three orders, waits for their answers, queues the next three.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer, queue, settle};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut tally = Tally::default();
    for few in kit::orders().chunks(3) {
        let mut outcomes = Vec::new();
        for order in few {
            let value = json(order);
            let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
            outcomes.push(queue(&producer, record).await);
        }
        for outcome in outcomes {
            tally.count(settle(outcome).await);
        }
    }
    tally.report()
}
