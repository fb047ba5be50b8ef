//! The mistake: when nothing has come for MAX_WAIT, an empty batch is handed on.

use ex08_batches_solution::{Ending, GLANCE, MAX_WAIT, SIZE, config, group, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use serde_json::Value;
use std::time::Instant;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    while !shutdown.requested() {
        let due = Instant::now() + MAX_WAIT;
        while consumer.context().open().orders.len() < SIZE && Instant::now() < due && !shutdown.requested() {
            if let Some(message) = next(&consumer, GLANCE)? {
                consumer.context().open().add(&message);
            }
        }
        let batch = std::mem::take(&mut *consumer.context().open());
        let orders: Vec<&Value> = batch.orders.iter().map(|(_, order)| order).collect();
        downstream.call("process_batch", &orders)?;
        batch.commit(&consumer);
    }
    Ok(())
}
