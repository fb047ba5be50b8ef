//! Right, with the plainest producer: outcomes come by callback, and somebody must call `poll` for that.

use ex01_producer_basics_solution::{Counting, SAFE, config, is_full, json};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::util::Timeout;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let producer: BaseProducer<_> = config(SAFE).create_with_context(Counting::default()).expect("a producer");
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
            producer.poll(Duration::from_millis(20)); // makes room: an outcome that has been told leaves the queue
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Timeout::Never).expect("a flush without a time limit ends well");
    producer.context().0.lock().unwrap().report()
}
