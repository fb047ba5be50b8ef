//! Wrong: a producer whose reports are served by `poll`, and nobody polls. Its queue fills up and never empties.

use ex09_async_producer_solution::{config, is_full, json};
use kit::{Downstream, Shutdown};
use rdkafka::producer::{BaseProducer, BaseRecord};
use std::time::Duration;

fn main() {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let producer: BaseProducer = config().create().expect("the settings make a producer");
    let topic = kit::topic("orders");
    for order in kit::incoming(&world) {
        let value = json(&order);
        let mut record = BaseRecord::to(&topic).key(&order.customer_id).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            if shutdown.requested() {
                return;
            }
            assert!(is_full(&error), "{error}");
            record = same;
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
