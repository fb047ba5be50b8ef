//! Right, with callbacks that a thread of the producer serves.

use ex01_producer_basics_solution::{Counting, SAFE, config, is_full, json};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::util::Timeout;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let producer: ThreadedProducer<_> = config(SAFE).create_with_context(Counting::default()).expect("a producer");
    let topic = kit::topic("orders");
    for order in kit::orders() {
        let value = json(&order);
        let mut record = BaseRecord::to(&topic).key(&order.customer_id).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            if !is_full(&error) {
                // Never queued, so no callback will ever count it.
                producer.context().0.lock().unwrap().count(Err(error));
                break;
            }
            record = same;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    producer.flush(Timeout::Never).expect("a flush without a time limit ends well");
    producer.context().0.lock().unwrap().report()
}
