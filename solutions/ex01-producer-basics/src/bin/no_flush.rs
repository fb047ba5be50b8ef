//! Wrong: takes "queued" for "delivered" and ends while the orders are still in the queue.

use ex01_producer_basics_solution::{SAFE, Tally, config, is_full, json};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use std::time::Duration;

fn main() {
    let producer: ThreadedProducer<DefaultProducerContext> = config(SAFE).create().expect("a producer");
    let topic = kit::topic("orders");
    let mut tally = Tally::default();
    for order in kit::orders() {
        let value = json(&order);
        let mut record = BaseRecord::to(&topic).key(&order.customer_id).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            assert!(is_full(&error), "{error}");
            record = same;
            std::thread::sleep(Duration::from_millis(20));
        }
        tally.delivered += 1;
    }
    tally.report();
    std::process::exit(0);
}
