//! Wrong: takes a full queue for a refusal, and counts orders as failed that were never tried. It says so, too: every count
//! is true.

use ex01_producer_basics_solution::{SAFE, Tally, config, json, settle};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let mut config = config(SAFE);
    config.set("queue.buffering.max.messages", "20"); // so that a hundred orders are too many for it
    let producer: FutureProducer = config.create().expect("the settings make a producer");
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
        outcomes.push(producer.send_result(record).map_err(|(error, _record)| error));
    }
    let mut tally = Tally::default();
    for outcome in outcomes {
        tally.count(settle(outcome).await);
    }
    tally.report()
}
