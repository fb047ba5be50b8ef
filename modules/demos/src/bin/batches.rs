//! Collects at most five records, for at most a second after the first, inserts them at once, and commits.

use std::time::{Duration, Instant};

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaResult;

const SIZE: usize = 5;
const MAX_WAIT: Duration = Duration::from_secs(1);

fn main() -> KafkaResult<()> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut batch = Vec::new();
    let mut first = Instant::now();
    while !shutdown.requested() {
        if let Some(message) = consumer.poll(Duration::from_millis(20)) {
            let message = message?;
            if batch.is_empty() {
                first = Instant::now(); // the clock starts with the first record
            }
            batch.push(message);
        }
        if batch.len() == SIZE || (!batch.is_empty() && first.elapsed() >= MAX_WAIT) {
            downstream.call("insert", &batch.len()).expect("the outside world is there");
            // One partition here, so the last record's commit covers them all.
            consumer.commit_message(&batch[batch.len() - 1], CommitMode::Sync)?;
            batch.clear();
        }
    }
    Ok(())
}
