//! Exercise 6: compare acks, batch sizes and compression, and write down only what the broker would confirm.
//!
//! Start with `README.md` beside `src`. Fill in the functions from top to bottom: each `todo!` is one step. The shape is
//! a suggestion; what counts is what your program says to Kafka, when it says that a run begins and ends, and the file.

#![allow(unused_variables)] // for as long as a todo! leaves something unused; remove it when none is left
#![allow(dead_code)]

use std::error::Error;

use kit::{Downstream, Order};
use rdkafka::producer::FutureProducer;
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
    let (orders, ids) = (values(false)?, values(true)?);

    let mut table = Vec::new();
    for configuration in &CONFIGURATIONS {
        let producer = producer(configuration)?;
        warm_up(&producer, &topic).await;
        world.call("begin", &json!({ "name": configuration.name }))?;
        let values = if configuration.ids_only { &ids } else { &orders };
        table.push(measure(&producer, &topic, configuration.name, values).await);
        world.call("end", &json!({ "name": configuration.name }))?;
    }
    report(&table)
}

/// Today's orders, or their ids alone, as JSON: made before any clock runs.
fn values(ids_only: bool) -> serde_json::Result<Vec<Vec<u8>>> {
    let value = |order: &Order| match ids_only {
        true => serde_json::to_vec(&json!({ "order_id": order.order_id })),
        false => serde_json::to_vec(order),
    };
    kit::orders().iter().map(value).collect()
}

/// Step 1. A producer with the settings of this configuration, and `linger.ms` 20 in all of them.
fn producer(configuration: &Configuration) -> Result<FutureProducer, Box<dyn Error>> {
    todo!("step 1 of 4: create a producer from kit::config() and the configuration")
}

/// Step 2. Sends a record without a key and waits for its outcome: connections and metadata belong to no run.
async fn warm_up(producer: &FutureProducer, topic: &str) {
    todo!("step 2 of 4: send one record without a key, and wait for it")
}

/// Step 3. Sends every value with the run's name as key, and times it.
///
/// When may the clock start, and when may it stop? Which records count as delivered, and in
/// which of the two rates?
async fn measure(producer: &FutureProducer, topic: &str, name: &'static str, values: &[Vec<u8>]) -> Figures {
    todo!("step 3 of 4: queue everything, read every delivery report, and only then stop the clock")
}

/// Step 4. Prints the table, and writes it as JSON into the file `kit::file("benchmark.json")`.
fn report(table: &[Figures]) -> Result<(), Box<dyn Error>> {
    todo!("step 4 of 4: print the table, and write it with serde_json")
}
