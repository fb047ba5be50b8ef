//! Right, with callbacks: a `ThreadedProducer` counts reports on its own thread, and the clock stops after `flush`.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, values, write};
use kit::Downstream;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Counting {
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, _opaque: ()) {
        let counter = if outcome.is_ok() { &self.delivered } else { &self.failed };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

fn main() -> Ending {
    let (world, values, topic) = (Downstream::connect(), values(), kit::topic("benchmark"));
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let name = configuration.name;
        let producer: ThreadedProducer<Counting> = configuration.config().create_with_context(Counting::default())?;
        let took = announced(&world, name, || {
            let clock = Instant::now();
            for value in &values {
                let mut record = BaseRecord::to(&topic).key(name).payload(value);
                while let Err((error, same)) = producer.send(record) {
                    assert!(matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)), "{error}");
                    record = same;
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            producer.flush(Duration::from_secs(60)).map(|()| clock.elapsed())
        })??;
        // flush has waited for the answers; the thread may be about to call back for the last of them.
        let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        let counting = producer.context();
        while count(&counting.delivered) + count(&counting.failed) < values.len() as u64 {
            std::thread::yield_now();
        }
        table.push(Figures::new(name, count(&counting.delivered), count(&counting.failed), took));
    }
    write(&table)
}
