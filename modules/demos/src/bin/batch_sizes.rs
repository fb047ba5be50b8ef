//! The same orders four times: waiting for each, queued first, with a smaller batch, and compressed.

use std::time::Duration;

use kit::Downstream;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;

struct Way {
    name: &'static str,
    wait: bool,
    /// One more setting, beside the linger.
    setting: (&'static str, &'static str),
}

const WAYS: [Way; 4] = [
    Way { name: "wait for each", wait: true, setting: ("acks", "all") },
    Way { name: "queue all", wait: false, setting: ("acks", "all") },
    Way { name: "queue all, three to a batch", wait: false, setting: ("batch.num.messages", "3") },
    Way { name: "queue all, compressed", wait: false, setting: ("compression.type", "zstd") },
];

fn main() {
    let report = Downstream::connect();
    for Way { name, wait, setting } in WAYS {
        report.call("next", &json!(name)).expect("the outside world is there");
        let producer: BaseProducer = kit::config()
            .set("linger.ms", "1000") // the flush ends it: what is shown does not depend on the machine
            .set(setting.0, setting.1)
            .create()
            .expect("a producer");
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
