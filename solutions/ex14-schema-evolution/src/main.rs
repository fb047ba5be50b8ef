//! Reads telemetry in every version that it has ever had, hands on what each record means, and sets aside, whole, what no
//! version allows.

use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde::{Deserialize, Serialize};

/// What may come. Nothing is asked for that is not needed, and what is not known is ignored.
#[derive(Deserialize)]
struct Raw {
    vehicle_id: String,
    timestamp: String,
    speed: Option<f64>,           // versions 1 and 2
    speed_kmh: Option<f64>,       // version 3
    battery_percent: Option<f64>, // since version 2, electric cars only
}

/// What the rest of the program works with: all doubt is settled before.
#[derive(Serialize)]
struct Reading {
    vehicle_id: String,
    timestamp: String,
    speed_kmh: f64,
    battery_percent: Option<f64>,
}

fn read(bytes: &[u8]) -> Result<Reading, String> {
    let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    // Where both are there, somebody is in the middle of the rename, and only the new name says its unit.
    let speed_kmh = raw.speed_kmh.or(raw.speed).ok_or("neither speed_kmh nor speed")?;
    if !(0.0..=400.0).contains(&speed_kmh) {
        return Err(format!("speed_kmh {speed_kmh} is no speed"));
    }
    let Raw { vehicle_id, timestamp, battery_percent, .. } = raw;
    Ok(Reading { vehicle_id, timestamp, speed_kmh, battery_percent })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;
    let letters: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match read(message.payload().unwrap_or_default()) {
            Ok(reading) => drop(downstream.call("reading", &reading)?),
            // What cannot be set aside must not be passed by: the error ends the program, and nothing is committed.
            Err(why) => set_aside(&letters, &message, &why).await?,
        }
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}

/// The record as it came, with a label. Returns when the letter is acknowledged.
async fn set_aside(letters: &FutureProducer, message: &BorrowedMessage<'_>, why: &str) -> KafkaResult<()> {
    let mut headers = message.headers().map_or_else(OwnedHeaders::new, |own| own.detach());
    for (key, value) in [
        ("original_topic", message.topic().to_owned()),
        ("original_partition", message.partition().to_string()),
        ("original_offset", message.offset().to_string()),
        ("error", why.to_owned()),
        ("retry_count", "0".to_owned()),
    ] {
        headers = headers.insert(Header { key, value: Some(&value) });
    }
    let topic = kit::topic("vehicle.telemetry.dlq");
    let mut letter = FutureRecord::<[u8], [u8]>::to(&topic).headers(headers);
    letter.key = message.key();
    letter.payload = message.payload();
    letters.send(letter, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest reading.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("fleet-map"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("vehicle.telemetry")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
