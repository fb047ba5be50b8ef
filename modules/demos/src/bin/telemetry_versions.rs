//! Writes telemetry of three versions and one broken record, and reads it with a tolerant reader.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde::Deserialize;
use serde_json::json;

const FLEET: [(&str, &str); 4] = [
    ("v-07", r#"{"vehicle_id":"v-07","speed":72.5,"engine_temp_c":91.0}"#),
    ("v-11", r#"{"vehicle_id":"v-11","speed":48.0,"battery_percent":64.0}"#),
    ("v-23", r#"{"vehicle_id":"v-23","speed_kmh":80.5}"#),
    ("v-24", r#"{"vehicle_id":"v-24","speed_kmh":"fast"}"#),
];

#[derive(Deserialize)]
struct Raw {
    vehicle_id: String,
    speed: Option<f64>,
    speed_kmh: Option<f64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let topic = kit::topic("vehicle.telemetry");

    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    for (key, value) in FLEET {
        let record = FutureRecord::to(&topic).key(key).payload(value);
        producer.send(record, Duration::from_secs(60)).await.map_err(|(error, _)| error)?;
    }

    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("speed-watch"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&topic])?;
    while !shutdown.requested() {
        let Some(message) = consumer.poll(Duration::from_millis(50)) else { continue };
        let message = message?;
        let reading = serde_json::from_slice::<Raw>(message.payload().unwrap_or_default())
            .map_err(|error| error.to_string())
            .and_then(|raw| Ok((raw.vehicle_id, raw.speed_kmh.or(raw.speed).ok_or("no speed")?)));
        match reading {
            Ok((vehicle, kmh)) => downstream.call("reading", &json!({"vehicle": vehicle, "kmh": kmh}))?,
            Err(reason) => downstream.call("set_aside", &json!({"offset": message.offset(), "reason": reason}))?,
        };
        consumer.commit_message(&message, CommitMode::Sync)?;
    }
    Ok(())
}
