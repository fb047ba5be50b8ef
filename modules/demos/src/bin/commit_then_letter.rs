//! What is not JSON goes to the dead letter queue. But nobody waits for it: the
//! offset is committed while the letter is still in the queue of the producer.

use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    // The pause before a batch is sent, long enough that the commit always comes first.
    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").set("linger.ms", "5000").create()?;
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let queue = kit::topic("orders-dlq");
    while !shutdown.requested() {
        let Some(message) = consumer.poll(Duration::from_millis(100)).transpose()? else { continue };
        let value = message.payload().unwrap_or_default();
        match serde_json::from_slice::<Value>(value) {
            Ok(order) => drop(downstream.call("process", &order)?),
            Err(_) => {
                let letter = FutureRecord::to(&queue).key(message.key().unwrap_or_default()).payload(value);
                drop(producer.send_result(letter).map_err(|(error, _letter)| error)?);
            }
        }
        consumer.commit_message(&message, CommitMode::Sync)?;
    }
    Ok(())
}
