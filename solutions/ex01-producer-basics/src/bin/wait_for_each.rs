//! Wrong: waits for the acknowledgement of each order before it queues the next, so there is nothing to batch.

use ex01_producer_basics_solution::{SAFE, Tally, json, producer};
use rdkafka::producer::FutureRecord;
use rdkafka::util::Timeout;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let topic = kit::topic("orders");
    let mut tally = Tally::default();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
        let outcome = producer.send(record, Timeout::Never).await;
        tally.count(outcome.map(|delivery| delivery.partition).map_err(|(error, _record)| error));
    }
    tally.report()
}
