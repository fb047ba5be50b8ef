//! Compares acks, batch sizes and compression, and writes down nothing that the broker would not confirm.

use std::error::Error;
use std::time::{Duration, Instant};

use kit::Downstream;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use serde::Serialize;
use serde_json::json;

/// One run: a name, and the settings that it is about. Between a run and `acks-all` a single setting differs.
struct Configuration {
    name: &'static str,
    acks: &'static str,
    batch_size: &'static str,
    compression: &'static str,
}

const fn configuration(
    name: &'static str,
    acks: &'static str,
    batch_size: &'static str,
    compression: &'static str,
) -> Configuration {
    Configuration { name, acks, batch_size, compression }
}

const CONFIGURATIONS: [Configuration; 6] = [
    configuration("acks-0", "0", "65536", "none"),
    configuration("acks-1", "1", "65536", "none"),
    configuration("acks-all", "all", "65536", "none"),
    configuration("batch-32k", "all", "32768", "none"),
    configuration("batch-16k", "all", "16384", "none"),
    configuration("compressed", "all", "65536", "lz4"),
];

/// What came of a run: a line of the table, an object of the file.
#[derive(Serialize)]
struct Figures {
    name: &'static str,
    delivered: u64,
    failed: u64,
    seconds: f64,
    records_per_second: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = Downstream::connect();
    let topic = kit::topic("benchmark");
    // Before any clock runs: making the records costs more than queueing them.
    let values = kit::orders().iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;

    let mut table = Vec::new();
    for configuration in &CONFIGURATIONS {
        // A producer reads its settings when it is created, and never again.
        let producer = producer(configuration)?;
        warm_up(&producer, &topic).await;
        world.call("begin", &json!({ "name": configuration.name }))?;
        table.push(measure(&producer, &topic, configuration.name, &values).await);
        world.call("end", &json!({ "name": configuration.name }))?;
    }

    print(&table);
    std::fs::write(kit::file("benchmark.json"), serde_json::to_vec_pretty(&table)?)?;
    Ok(())
}

fn producer(configuration: &Configuration) -> KafkaResult<FutureProducer> {
    kit::config()
        .set("acks", configuration.acks)
        .set("batch.size", configuration.batch_size)
        .set("compression.type", configuration.compression)
        .set("linger.ms", "20") // long enough for batches to get full: what limits them is batch.size
        .create()
}

/// Connection, metadata, the first append: no setting is to blame for them. Without a key, it belongs to no run.
async fn warm_up(producer: &FutureProducer, topic: &str) {
    let record: FutureRecord<'_, (), str> = FutureRecord::to(topic).payload("warm-up");
    producer.send(record, Duration::from_secs(10)).await.ok();
}

/// From the first record that is queued to the last word about any of them.
async fn measure(producer: &FutureProducer, topic: &str, name: &'static str, values: &[Vec<u8>]) -> Figures {
    let mut outcomes = Vec::with_capacity(values.len());
    let (mut delivered, mut failed) = (0, 0);
    let clock = Instant::now();
    for value in values {
        outcomes.push(queue(producer, topic, name, value).await);
    }
    for outcome in outcomes {
        match settle(outcome).await {
            Ok(()) => delivered += 1,
            Err(_) => failed += 1,
        }
    }
    let seconds = clock.elapsed().as_secs_f64();
    Figures { name, delivered, failed, seconds, records_per_second: delivered as f64 / seconds }
}

async fn queue(producer: &FutureProducer, topic: &str, key: &str, value: &[u8]) -> KafkaResult<DeliveryFuture> {
    let mut record = FutureRecord::to(topic).key(key).payload(value);
    loop {
        match producer.send_result(record) {
            Ok(outcome) => return Ok(outcome),
            // Kafka is slower than this loop. That is part of what is measured.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
            Err((error, _record)) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn settle(outcome: KafkaResult<DeliveryFuture>) -> KafkaResult<()> {
    match outcome?.await {
        Ok(Ok(_delivery)) => Ok(()),
        Ok(Err((error, _record))) => Err(error),
        Err(_canceled) => Err(KafkaError::Canceled),
    }
}

fn print(table: &[Figures]) {
    println!("{:<12} {:>9} {:>7} {:>9} {:>10}", "", "delivered", "failed", "seconds", "records/s");
    for Figures { name, delivered, failed, seconds, records_per_second } in table {
        println!("{name:<12} {delivered:>9} {failed:>7} {seconds:>9.4} {records_per_second:>10.0}");
    }
}
