//! Right, with the plainest producer, in the other order, without a warm-up, and with figures that are rounded.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, announced, values};
use kit::Downstream;
use rdkafka::client::ClientContext;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use serde_json::json;
use std::cell::Cell;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Counting {
    delivered: std::sync::Mutex<Cell<u64>>,
    failed: std::sync::Mutex<Cell<u64>>,
}

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, _opaque: ()) {
        let counter = if outcome.is_ok() { &self.delivered } else { &self.failed };
        let counter = counter.lock().expect("nobody panics while counting");
        counter.set(counter.get() + 1);
    }
}

fn main() -> Ending {
    let (world, values, topic) = (Downstream::connect(), values(), kit::topic("benchmark"));
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS.iter().rev() {
        let name = configuration.name;
        let producer: BaseProducer<Counting> = configuration.config().create_with_context(Counting::default())?;
        let took = announced(&world, name, || {
            let clock = Instant::now();
            for value in &values {
                producer.send(BaseRecord::to(&topic).key(name).payload(value)).expect("so few fit into the queue");
            }
            while producer.in_flight_count() > 0 {
                producer.poll(Duration::from_millis(10));
            }
            clock.elapsed()
        })?;
        let count = |counter: &std::sync::Mutex<Cell<u64>>| counter.lock().expect("as above").get();
        let (delivered, failed) = (count(&producer.context().delivered), count(&producer.context().failed));
        let milliseconds = took.as_millis().max(1) as f64;
        table.push(json!({
            "records_per_second": (delivered as f64 / took.as_secs_f64()).round() as u64,
            "seconds": milliseconds / 1000.0,
            "failed": failed,
            "delivered": delivered,
            "name": name,
            "comment": "rounded to milliseconds",
        }));
    }
    std::fs::write(kit::file("benchmark.json"), serde_json::to_vec(&table)?)?;
    Ok(())
}
