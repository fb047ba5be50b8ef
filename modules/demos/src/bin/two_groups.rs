//! A consumer whose group is named after its role: it handles three orders, commits, and waits to be told to stop.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;

fn main() -> KafkaResult<()> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group(&kit::role()))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut handled = 0;
    while !shutdown.requested() {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            let message = message?;
            downstream.call("process", &message.offset()).expect("the outside world is there");
            handled += 1;
            if handled == 3 {
                consumer.commit_message(&message, CommitMode::Sync)?;
            }
        }
    }
    Ok(())
}
