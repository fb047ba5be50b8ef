//! ex14: one consumer for telemetry of three versions, and of the next one. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::FutureProducer;
use serde::{Deserialize, Serialize};

/// What may come. Which fields have which name in which version, and which of them do you need?
#[derive(Deserialize)]
struct Raw {
    vehicle_id: String,
}

/// What the outside world is told: the argument of the call `reading`.
#[derive(Serialize)]
struct Reading {
    vehicle_id: String,
    timestamp: String,
    speed_kmh: f64,
    battery_percent: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // the outside world
    let consumer = join()?;
    let letters: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    todo!("step 3 of 4: for each record: read() it, call \"reading\" or set it aside, then commit")
}

/// Creates a consumer of group `fleet-map`, and subscribes it to topic `vehicle.telemetry`.
fn join() -> Result<BaseConsumer, Box<dyn Error>> {
    todo!("step 1 of 4: create a consumer from kit::config() and subscribe to kit::topic(\"vehicle.telemetry\")")
}

/// What the record means, whichever version it is in; or why it means nothing.
fn read(bytes: &[u8]) -> Result<Reading, String> {
    todo!("step 2 of 4: parse into Raw, settle every doubt, and make a Reading of it")
}

/// Sends the record to `vehicle.telemetry.dlq`, whole, with five headers. Returns when the broker has it.
async fn set_aside(letters: &FutureProducer, message: &BorrowedMessage<'_>, why: &str) -> Result<(), Box<dyn Error>> {
    todo!("step 4 of 4: key, value and headers as they came, and your label behind them. You know this from ex5")
}
