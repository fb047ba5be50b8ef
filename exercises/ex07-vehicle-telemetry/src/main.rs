//! ex7: ten vehicles report, and somebody watches. Two roles of one program. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka, so rename, split and change
//! whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::error::Error;
use std::time::Duration;

use kit::Shutdown;
use rdkafka::consumer::BaseConsumer;
use rdkafka::producer::FutureProducer;
use serde::{Deserialize, Serialize};

const VEHICLES: u32 = 10;
/// Between two readings of one vehicle.
const INTERVAL: Duration = Duration::from_millis(100);

const SPEEDING_KMH: f64 = 120.0;
const LOW_BATTERY_PERCENT: f64 = 10.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    match kit::role().as_str() {
        "alerts" => watch(&shutdown).await,
        _ => simulate(&shutdown).await,
    }
}

/// One reading, as it goes into the topic.
#[derive(Serialize)]
struct Reading {
    vehicle_id: String,
    /// `kit::timestamp(SystemTime::now())` is the right form.
    timestamp: String,
    latitude: f64,
    longitude: f64,
    speed_kmh: f64,
    odometer_km: f64,
}

/// Lets ten vehicles drive, and sends a reading of each in every INTERVAL, until somebody asks to stop.
async fn simulate(shutdown: &Shutdown) -> Result<(), Box<dyn Error>> {
    todo!("step 1 of 5: ten vehicles `v-01` to `v-10`, a loop, and a producer for kit::topic(\"vehicle.telemetry\")")
}

/// What an alert needs of a reading. What may be missing?
#[derive(Deserialize)]
struct Seen {
    vehicle_id: String,
}

/// What goes into `vehicle.alerts`.
#[derive(Serialize)]
struct Alert {
    vehicle_id: String,
    /// `speeding` or `low_battery`
    alert: String,
    /// That of the reading.
    timestamp: String,
    value: f64,
}

/// Reads what the vehicles report, and raises alerts, until somebody asks to stop.
async fn watch(shutdown: &Shutdown) -> Result<(), Box<dyn Error>> {
    let consumer = join()?;
    let producer = producer()?;
    todo!("step 4 of 5: read, compare with what you know of that vehicle, raise, and only then commit")
}

/// Creates a consumer of group `vehicle-alerts`, and subscribes it to topic `vehicle.telemetry`.
fn join() -> Result<BaseConsumer, Box<dyn Error>> {
    todo!("step 2 of 5: create a consumer from kit::config() and subscribe to kit::topic(\"vehicle.telemetry\")")
}

/// A producer for the alerts: an answer that is lost on the way must not make two of one.
fn producer() -> Result<FutureProducer, Box<dyn Error>> {
    todo!("step 3 of 5: create a producer from kit::config() that sends nothing twice")
}

/// Sends the alert. Returns when the broker has it.
async fn raise(producer: &FutureProducer, alert: &Alert) -> Result<(), Box<dyn Error>> {
    todo!("step 5 of 5: send it to kit::topic(\"vehicle.alerts\"), keyed by vehicle, and wait for the answer")
}
