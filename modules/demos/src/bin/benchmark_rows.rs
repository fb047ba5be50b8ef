//! Two rows of a benchmark, twice: with one producer whose list of settings changes, then with a producer for each row.

use std::time::Duration;

use kit::Downstream;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;

const ROWS: [&str; 2] = ["1", "all"];

fn main() {
    let report = Downstream::connect();
    let mut config = kit::config();
    config.set("linger.ms", "1000"); // so that what is shown does not depend on the machine: the flush ends it

    let reused = producer(config.set("acks", ROWS[0]));
    for acks in ROWS {
        config.set("acks", acks); // the list, not the producer
        report.call("row", &json!({"acks": acks, "producer": "reused"})).expect("the outside world is there");
        measure(&reused);
    }
    for acks in ROWS {
        let own = producer(config.set("acks", acks));
        report.call("row", &json!({"acks": acks, "producer": "its own"})).expect("the outside world is there");
        measure(&own);
    }
}

fn producer(config: &ClientConfig) -> BaseProducer {
    config.create().expect("a producer")
}

fn measure(producer: &BaseProducer) {
    for order in kit::orders() {
        let value = serde_json::to_vec(&order).expect("JSON");
        let topic = kit::topic("orders");
        producer.send(BaseRecord::to(&topic).key(&order.customer_id).payload(&value)).expect("room in the queue");
    }
    producer.flush(Duration::from_secs(30)).expect("all answered");
}
