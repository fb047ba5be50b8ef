//! What the programs in `src/bin` (each wrong in one way) and in `examples` (right, in another style) have in common,
//! so that each of them shows little more than its point. The reference solution, `src/main.rs`, needs none of this.

use std::time::{Duration, Instant};

use kit::Downstream;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use serde::Serialize;
use serde_json::json;

pub type Ending = Result<(), Box<dyn std::error::Error>>;

/// A run: its name, and the settings that belong to it.
#[derive(Debug, Clone, Copy)]
pub struct Configuration {
    pub name: &'static str,
    pub acks: &'static str,
    pub batch_size: &'static str,
    pub compression: &'static str,
}

const fn configuration(
    name: &'static str,
    acks: &'static str,
    batch_size: &'static str,
    compression: &'static str,
) -> Configuration {
    Configuration { name, acks, batch_size, compression }
}

pub const CONFIGURATIONS: [Configuration; 6] = [
    configuration("acks-0", "0", "65536", "none"),
    configuration("acks-1", "1", "65536", "none"),
    configuration("acks-all", "all", "65536", "none"),
    configuration("batch-32k", "all", "32768", "none"),
    configuration("batch-16k", "all", "16384", "none"),
    configuration("compressed", "all", "65536", "lz4"),
];

impl Configuration {
    /// The settings, as a client takes them.
    pub fn config(&self) -> ClientConfig {
        let mut config = kit::config();
        config
            .set("acks", self.acks)
            .set("batch.size", self.batch_size)
            .set("compression.type", self.compression)
            .set("linger.ms", "20");
        config
    }
}

/// What is written about a run.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub name: &'static str,
    pub delivered: u64,
    pub failed: u64,
    pub seconds: f64,
    pub records_per_second: f64,
}

impl Figures {
    pub fn new(name: &'static str, delivered: u64, failed: u64, took: Duration) -> Figures {
        let seconds = took.as_secs_f64();
        Figures { name, delivered, failed, seconds, records_per_second: delivered as f64 / seconds }
    }
}

/// The values of the records, made before any clock runs.
pub fn values() -> Vec<Vec<u8>> {
    kit::orders().iter().map(|order| serde_json::to_vec(order).expect("an order is plain data")).collect()
}

/// Tells the outside world about the run, around the work.
pub fn announced<T>(world: &Downstream, name: &str, work: impl FnOnce() -> T) -> Result<T, kit::Refused> {
    world.call("begin", &json!({ "name": name }))?;
    let done = work();
    world.call("end", &json!({ "name": name }))?;
    Ok(done)
}

/// Queues all records of a run, in order.
pub fn queue_all(producer: &FutureProducer, name: &str, values: &[Vec<u8>]) -> Vec<KafkaResult<DeliveryFuture>> {
    let topic = kit::topic("benchmark");
    values.iter().map(|value| queue(producer, &topic, name, value)).collect()
}

fn queue(producer: &FutureProducer, topic: &str, key: &str, value: &[u8]) -> KafkaResult<DeliveryFuture> {
    let mut record = FutureRecord::to(topic).key(key).payload(value);
    loop {
        match producer.send_result(record) {
            Ok(outcome) => return Ok(outcome),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
            Err((error, _record)) => return Err(error),
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the outcome of each: delivered, failed.
pub fn settle_all(outcomes: Vec<KafkaResult<DeliveryFuture>>) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (mut delivered, mut failed) = (0, 0);
        for outcome in outcomes {
            let good = match outcome {
                Ok(outcome) => matches!(outcome.await, Ok(Ok(_))),
                Err(_) => false,
            };
            if good { delivered += 1 } else { failed += 1 }
        }
        (delivered, failed)
    })
}

/// A run, measured rightly.
pub fn measure(producer: &FutureProducer, name: &'static str, values: &[Vec<u8>]) -> Figures {
    let clock = Instant::now();
    let (delivered, failed) = settle_all(queue_all(producer, name, values));
    Figures::new(name, delivered, failed, clock.elapsed())
}

/// Writes the file that the exercise asks for.
pub fn write(table: &[Figures]) -> Ending {
    table.iter().for_each(|figures| println!("{figures:?}"));
    std::fs::write(kit::file("benchmark.json"), serde_json::to_vec_pretty(table)?)?;
    Ok(())
}
