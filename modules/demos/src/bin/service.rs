//! A service of the order flow: reads every order with a group of its own name, does its work, answers if it has to.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

fn main() -> KafkaResult<()> {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let name = kit::role();
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group(&name))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let answers = name == "inventory";
    let producer: Option<BaseProducer> =
        answers.then(|| kit::config().set("enable.idempotence", "true").create()).transpose()?;
    while !shutdown.requested() {
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message?;
        let order: Value = serde_json::from_slice(message.payload().unwrap_or_default()).expect("JSON");
        let work = match name.as_str() {
            "email" => "mail",
            "analytics" => "count",
            _ => "reserve",
        };
        world.call(work, &json!({"order_id": order["order_id"]})).expect("the outside world is there");
        if let Some(producer) = &producer {
            let answer =
                json!({"event_type": "inventory.reserved", "data": {"order_id": order["order_id"]}}).to_string();
            let topic = kit::topic("inventory");
            let key = order["order_id"].as_str().unwrap_or_default();
            producer.send(BaseRecord::to(&topic).key(key).payload(&answer)).expect("room in the queue");
            producer.flush(Duration::from_secs(30))?;
        }
        consumer.commit_message(&message, CommitMode::Sync)?;
    }
    Ok(())
}
