//! What the programs beside the solution share, so that each of them shows only what it is about.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde::Deserialize;
use serde_json::{Value, json};

pub use solutions_shared::{Ending, next};

/// What may come.
#[derive(Deserialize)]
pub struct Raw {
    pub vehicle_id: String,
    pub timestamp: String,
    pub speed: Option<f64>,
    pub speed_kmh: Option<f64>,
    pub battery_percent: Option<f64>,
}

/// What the call about a reading says.
pub fn reading(vehicle_id: &str, timestamp: &str, speed_kmh: f64, battery_percent: Option<f64>) -> Value {
    json!({
        "vehicle_id": vehicle_id,
        "timestamp": timestamp,
        "speed_kmh": speed_kmh,
        "battery_percent": battery_percent,
    })
}

/// A speed that makes sense.
pub fn sensible(speed_kmh: f64) -> Result<f64, String> {
    if (0.0..=400.0).contains(&speed_kmh) { Ok(speed_kmh) } else { Err(format!("{speed_kmh} is no speed")) }
}

/// The right way to read a record.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let speed_kmh = sensible(raw.speed_kmh.or(raw.speed).ok_or("no speed")?)?;
    Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, raw.battery_percent))
}

/// The right consumer, which reads each record with `read`.
pub fn run(read: impl Fn(&[u8]) -> Result<Value, String>) -> Ending {
    run_with(read, |letters, message, why| set_aside(letters, message, message.payload().unwrap_or_default(), why))
}

/// The same with another way of setting aside.
pub fn run_with(
    read: impl Fn(&[u8]) -> Result<Value, String>,
    mut set_aside: impl FnMut(&FutureProducer, &BorrowedMessage<'_>, &str) -> Ending,
) -> Ending {
    run_each(|consumer, message, downstream, letters| {
        match read(message.payload().unwrap_or_default()) {
            Ok(reading) => drop(downstream.call("reading", &reading)?),
            Err(why) => set_aside(letters, message, &why)?,
        }
        commit(consumer, message);
        Ok(())
    })
}

/// Joins the group and deals with each record as `handle` says.
pub fn run_each(
    mut handle: impl FnMut(&BaseConsumer, &BorrowedMessage<'_>, &Downstream, &FutureProducer) -> Ending,
) -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let config = solutions_shared::config("fleet-map");
    let consumer = solutions_shared::join(&config, "vehicle.telemetry", DefaultConsumerContext)?;
    let letters: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&consumer, &message, &downstream, &letters)?;
        }
    }
    Ok(())
}

/// Sends a letter about the record with this value, and waits for its acknowledgement.
pub fn set_aside(letters: &FutureProducer, message: &BorrowedMessage<'_>, value: &[u8], why: &str) -> Ending {
    set_aside_as(letters, message, message.key(), value, why)
}

/// The same, with this key.
pub fn set_aside_as(
    letters: &FutureProducer,
    message: &BorrowedMessage<'_>,
    key: Option<&[u8]>,
    value: &[u8],
    why: &str,
) -> Ending {
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
    let mut letter = FutureRecord::<[u8], [u8]>::to(&topic).payload(value).headers(headers);
    letter.key = key;
    wait(letters.send(letter, Duration::from_secs(30))).map_err(|(error, _)| error)?;
    Ok(())
}

/// Commits that everything up to and including this record is done, and waits for the answer.
pub fn commit(consumer: &BaseConsumer, message: &BorrowedMessage<'_>) {
    if let Err(error) = consumer.commit_message(message, CommitMode::Sync) {
        eprintln!("not committed yet: {error}");
    }
}

/// Waits for one future in a program that has no other.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread can always be made")
        .block_on(future)
}
