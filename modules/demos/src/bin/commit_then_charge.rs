//! Commits each payment, then charges it: at most once.

use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let bank = Downstream::connect();
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("payment-service"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("payments")])?;
    while !shutdown.requested() {
        let Some(message) = consumer.poll(Duration::from_millis(100)).transpose()? else { continue };
        let payment: Value = serde_json::from_slice(message.payload().unwrap_or_default())?;
        consumer.commit_message(&message, CommitMode::Sync)?;
        bank.call("charge", &payment)?;
    }
    Ok(())
}
