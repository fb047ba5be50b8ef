//! Right, with a task for each record and all outcomes awaited together; the producers exist side by side.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, values, write};
use futures::join_all;
use kit::Downstream;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use serde_json::json;
use std::time::{Duration, Instant};

/// What `futures_util` has ready-made, in three lines.
mod futures {
    pub async fn join_all<T>(tasks: Vec<tokio::task::JoinHandle<T>>) -> Vec<T> {
        let mut done = Vec::with_capacity(tasks.len());
        for task in tasks {
            done.push(task.await.expect("no task panics"));
        }
        done
    }
}

#[tokio::main]
async fn main() -> Ending {
    let (world, values, topic) = (Downstream::connect(), values(), kit::topic("benchmark"));
    let producers: Vec<FutureProducer> =
        CONFIGURATIONS.iter().map(|configuration| configuration.config().create()).collect::<Result<_, _>>()?;
    let mut table = Vec::new();
    for (configuration, producer) in CONFIGURATIONS.iter().zip(&producers) {
        let name = configuration.name;
        world.call("begin", &json!({ "name": name }))?;
        let clock = Instant::now();
        let send = |value: Vec<u8>| {
            let (producer, topic) = (producer.clone(), topic.clone());
            tokio::spawn(async move {
                let record = FutureRecord::to(&topic).key(name).payload(&value);
                producer.send(record, Duration::from_secs(10)).await.is_ok()
            })
        };
        let outcomes = join_all(values.iter().cloned().map(send).collect()).await;
        let took = clock.elapsed();
        world.call("end", &json!({ "name": name }))?;
        let delivered = outcomes.iter().filter(|good| **good).count() as u64;
        table.push(Figures::new(name, delivered, outcomes.len() as u64 - delivered, took));
    }
    producers.iter().try_for_each(|producer| producer.flush(Duration::from_secs(10)))?;
    write(&table)
}
