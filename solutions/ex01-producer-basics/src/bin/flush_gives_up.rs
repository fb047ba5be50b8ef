//! Wrong: flushes for two seconds, and does not ask whether that was enough. On a calm broker it is.

use ex01_producer_basics_solution::{Counting, SAFE, config, is_full, json};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let mut config = config(SAFE);
    // As clients do by themselves, so that the outage takes longer than that, and a calm broker does not.
    config.set("retry.backoff.ms", "500").set("retry.backoff.max.ms", "1000");
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
    let _ = producer.flush(Duration::from_secs(2));
    let status = producer.context().0.lock().unwrap().report();
    // What is left would go on being tried while the producer is dropped.
    producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    status
}
