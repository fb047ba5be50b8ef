//! Wrong: hands in its report as soon as everything is queued, and flushes afterwards.

use ex01_producer_basics_solution::{Counting, SAFE, config, is_full, json};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let mut config = config(SAFE);
    config.set("linger.ms", "200"); // so that a slow machine does not deliver meanwhile
    let producer: ThreadedProducer<Counting> = config.create_with_context(Counting::default()).expect("a producer");
    let topic = kit::topic("orders");
    for order in kit::orders() {
        let value = json(&order);
        let mut record = BaseRecord::to(&topic).key(&order.customer_id).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            assert!(is_full(&error), "{error}");
            record = same;
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let status = producer.context().0.lock().unwrap().report();
    producer.flush(Duration::from_secs(60)).expect("everything is settled");
    status
}
