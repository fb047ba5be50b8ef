//! The right consumer in pieces.

use std::collections::HashMap;
use std::time::Duration;

use kit::Shutdown;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Ending, next};

/// What the alerts need of a reading.
#[derive(Clone, Deserialize)]
pub struct Seen {
    pub vehicle_id: String,
    pub timestamp: String,
    pub speed_kmh: f64,
    pub battery_percent: Option<f64>,
}

/// An alert and its key.
pub struct Alert {
    pub key: String,
    pub value: Value,
}

pub fn alert(seen: &Seen, name: &str, value: f64) -> Alert {
    let told = json!({"vehicle_id": seen.vehicle_id, "alert": name, "timestamp": seen.timestamp, "value": value});
    Alert { key: seen.vehicle_id.clone(), value: told }
}

/// What is known of a vehicle.
#[derive(Default)]
pub struct State {
    pub latest: String,
    pub speeding: bool,
    pub low_battery: bool,
}

impl State {
    /// The alerts that this reading is a reason for.
    pub fn alerts(&mut self, seen: &Seen) -> Vec<Alert> {
        if seen.timestamp <= self.latest {
            return Vec::new();
        }
        self.latest.clone_from(&seen.timestamp);
        self.alerts_at_any_time(seen)
    }

    /// The same, whatever its clock says.
    pub fn alerts_at_any_time(&mut self, seen: &Seen) -> Vec<Alert> {
        let mut alerts = Vec::new();
        if seen.speed_kmh >= 120.0 && !self.speeding {
            alerts.push(alert(seen, "speeding", seen.speed_kmh));
        }
        self.speeding = seen.speed_kmh >= 120.0;
        if let Some(percent) = seen.battery_percent {
            if percent <= 10.0 && !self.low_battery {
                alerts.push(alert(seen, "low_battery", percent));
            }
            self.low_battery = percent <= 10.0;
        }
        alerts
    }
}

/// The right settings.
pub fn config() -> ClientConfig {
    solutions_shared::config("vehicle-alerts")
}

/// Reads the topic, raises the alerts of each reading that can be read, and then commits it.
pub fn watch(mut judge: impl FnMut(&Seen) -> Vec<Alert>) -> Ending {
    watch_records(|consumer, message, producer| {
        if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
            judge(&seen).iter().try_for_each(|alert| raise(producer, alert))?;
        }
        commit(consumer, message);
        Ok(())
    })
}

/// The same for readings in which the battery is what `read` makes of it.
pub fn watch_battery(read: fn(Option<f64>) -> Option<f64>) -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    watch(move |seen| {
        let taken = Seen { battery_percent: read(seen.battery_percent), ..seen.clone() };
        fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&taken)
    })
}

/// Joins the group, and deals with each record as `handle` says.
pub fn watch_records(handle: impl FnMut(&BaseConsumer, &BorrowedMessage<'_>, &FutureProducer) -> Ending) -> Ending {
    watch_with("true", handle)
}

/// The same with `enable.idempotence` as it is given.
pub fn watch_with(
    idempotence: &str,
    handle: impl FnMut(&BaseConsumer, &BorrowedMessage<'_>, &FutureProducer) -> Ending,
) -> Ending {
    watch_as(&config(), idempotence, handle)
}

/// The same with these settings of the consumer, too.
pub fn watch_as(
    config: &ClientConfig,
    idempotence: &str,
    mut handle: impl FnMut(&BaseConsumer, &BorrowedMessage<'_>, &FutureProducer) -> Ending,
) -> Ending {
    let shutdown = Shutdown::listen();
    let consumer = solutions_shared::join(config, "vehicle.telemetry", DefaultConsumerContext)?;
    let producer: FutureProducer = kit::config().set("enable.idempotence", idempotence).create()?;
    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&consumer, &message, &producer)?;
        }
    }
    Ok(())
}

/// Returns when the alert is acknowledged.
pub fn raise(producer: &FutureProducer, alert: &Alert) -> Ending {
    let (topic, value) = (kit::topic("vehicle.alerts"), alert.value.to_string());
    let sent = producer.send(FutureRecord::to(&topic).key(&alert.key).payload(&value), Duration::from_secs(30));
    wait(sent).map_err(|(error, _)| error)?;
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
