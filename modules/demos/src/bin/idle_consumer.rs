//! A consumer that mostly waits: it handles what is there, and asks for more until it is told to stop.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;

fn main() -> KafkaResult<()> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    while !shutdown.requested() {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            let offset = message?.offset();
            downstream.call("process", &offset).expect("the outside world is there");
        }
    }
    Ok(())
}
