//! Compares acks, batch sizes and compression, and writes down nothing that the broker would not confirm.

use std::error::Error;
use std::time::{Duration, Instant};

use kit::{Downstream, Order};
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
    /// Are the records orders, or their ids alone?
    ids_only: bool,
}

/// What the others are held against.
const ACKS_ALL: Configuration =
    Configuration { name: "acks-all", acks: "all", batch_size: "65536", compression: "none", ids_only: false };

const CONFIGURATIONS: [Configuration; 7] = [
    Configuration { name: "acks-0", acks: "0", ..ACKS_ALL },
    Configuration { name: "acks-1", acks: "1", ..ACKS_ALL },
    ACKS_ALL,
    Configuration { name: "batch-32k", batch_size: "32768", ..ACKS_ALL },
    Configuration { name: "batch-16k", batch_size: "16384", ..ACKS_ALL },
    Configuration { name: "compressed", compression: "lz4", ..ACKS_ALL },
    Configuration { name: "small", ids_only: true, ..ACKS_ALL },
];

/// What came of a run: a line of the table, an object of the file.
#[derive(Serialize)]
struct Figures {
    name: &'static str,
    delivered: u64,
    failed: u64,
    seconds: f64,
    records_per_second: f64,
    /// Of the delivered values; a megabyte is 1 000 000 bytes.
    megabytes_per_second: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = Downstream::connect();
    let topic = kit::topic("benchmark");
    // Before any clock runs: making the records costs more than queueing them.
    let (orders, ids) = (values(false)?, values(true)?);

    let mut table = Vec::new();
    for configuration in &CONFIGURATIONS {
        // A producer reads its settings when it is created, and never again.
        let producer = producer(configuration)?;
        warm_up(&producer, &topic).await;
        world.call("begin", &json!({ "name": configuration.name }))?;
        let values = if configuration.ids_only { &ids } else { &orders };
        table.push(measure(&producer, &topic, configuration.name, values).await);
        world.call("end", &json!({ "name": configuration.name }))?;
    }

    print(&table);
    std::fs::write(kit::file("benchmark.json"), serde_json::to_vec_pretty(&table)?)?;
    Ok(())
}

/// Today's orders, or their ids alone, as JSON.
fn values(ids_only: bool) -> serde_json::Result<Vec<Vec<u8>>> {
    let value = |order: &Order| match ids_only {
        true => serde_json::to_vec(&json!({ "order_id": order.order_id })),
        false => serde_json::to_vec(order),
    };
    kit::orders().iter().map(value).collect()
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
    let (mut delivered, mut failed, mut bytes) = (0, 0, 0);
    let clock = Instant::now();
    for value in values {
        outcomes.push(queue(producer, topic, name, value).await);
    }
    for (value, outcome) in values.iter().zip(outcomes) {
        match settle(outcome).await {
            Ok(()) => (delivered, bytes) = (delivered + 1, bytes + value.len()),
            Err(_) => failed += 1,
        }
    }
    let seconds = clock.elapsed().as_secs_f64();
    Figures {
        name,
        delivered,
        failed,
        seconds,
        records_per_second: delivered as f64 / seconds,
        megabytes_per_second: bytes as f64 / 1e6 / seconds,
    }
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
    println!("{:<12} {:>9} {:>7} {:>9} {:>10} {:>8}", "", "delivered", "failed", "seconds", "records/s", "MB/s");
    for Figures { name, delivered, failed, seconds, records_per_second, megabytes_per_second } in table {
        print!("{name:<12} {delivered:>9} {failed:>7} {seconds:>9.4}");
        println!(" {records_per_second:>10.0} {megabytes_per_second:>8.2}");
    }
}
