//! The same orders four times: waiting for each, queued first, with a smaller batch, and compressed.

use std::time::Duration;

use kit::Downstream;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;

/// What is done, and the settings that it is done with.
const WAYS: [(&str, bool, &[(&str, &str)]); 4] = [
    ("wait for each", true, &[("linger.ms", "5")]),
    ("queue all", false, &[("linger.ms", "1000")]),
    ("queue all, three to a batch", false, &[("linger.ms", "1000"), ("batch.num.messages", "3")]),
    ("queue all, compressed", false, &[("linger.ms", "1000"), ("compression.type", "zstd")]),
];

fn main() {
    let report = Downstream::connect();
    for (way, wait, settings) in WAYS {
        report.call("next", &json!(way)).expect("the outside world is there");
        let mut config = kit::config();
        for (name, value) in settings {
            config.set(*name, *value);
        }
        let producer: BaseProducer = config.create().expect("a producer");
        for order in kit::orders() {
            let value = serde_json::to_vec(&order).expect("JSON");
            let topic = kit::topic("orders");
            producer.send(BaseRecord::to(&topic).key(&order.customer_id).payload(&value)).expect("room in the queue");
            if wait {
                producer.flush(Duration::from_secs(30)).expect("answered");
            }
        }
        producer.flush(Duration::from_secs(30)).expect("all answered");
    }
}
