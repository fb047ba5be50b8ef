//! Two roles of one program: `simulator` lets ten vehicles report to `vehicle.telemetry`, and `alerts` watches what they
//! report and raises an alert, once, each time that a limit is reached.

use std::collections::HashMap;
use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use kit::Shutdown;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{
    BaseRecord, DeliveryResult, FutureProducer, FutureRecord, Producer, ProducerContext, ThreadedProducer,
};
use serde::{Deserialize, Serialize};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match kit::role().as_str() {
        "alerts" => watch().await,
        _ => simulate(),
    }
}

// ── simulator ────────────────────────────────────────────────────────────────────────────────────────────────────────

const VEHICLES: u32 = 10;
/// Between two readings of one vehicle.
const INTERVAL: Duration = Duration::from_millis(100);

/// One reading, as it goes into the topic.
#[derive(Serialize)]
struct Reading<'a> {
    vehicle_id: &'a str,
    timestamp: String,
    latitude: f64,
    longitude: f64,
    speed_kmh: f64,
    odometer_km: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    battery_percent: Option<f64>,
}

fn simulate() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let producer: ThreadedProducer<Losses> =
        kit::config().set("enable.idempotence", "true").create_with_context(Losses)?;
    let mut fleet: Vec<Vehicle> = (1..=VEHICLES).map(Vehicle::new).collect();
    let mut due = Instant::now();
    while !shutdown.requested() {
        for vehicle in &mut fleet {
            vehicle.drive(INTERVAL);
            send(&producer, &vehicle.reading())?;
        }
        due += INTERVAL; // not "now and then 100 ms": the time that sending takes must not add up
        sleep(due.saturating_duration_since(Instant::now()));
    }
    producer.flush(Duration::from_secs(30))?; // what is on its way still arrives
    Ok(())
}

/// Hands a reading to the producer, which sends it in the background.
fn send(producer: &ThreadedProducer<Losses>, reading: &Reading<'_>) -> Result<(), Box<dyn Error>> {
    let (topic, value) = (kit::topic("vehicle.telemetry"), serde_json::to_vec(reading)?);
    // The key decides the partition, so the readings of one vehicle stay in order.
    let record = BaseRecord::to(&topic).key(reading.vehicle_id).payload(&value);
    producer.send(record).map_err(|(error, _)| error.into())
}

/// Says so when a reading is lost for good.
struct Losses;

impl ClientContext for Losses {}

impl ProducerContext for Losses {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = outcome {
            eprintln!("a reading was not delivered: {error}");
        }
    }
}

/// A vehicle on its way through Berlin. It brakes and speeds up in waves, and turns slowly.
struct Vehicle {
    id: String,
    phase: f64,
    seconds: f64,
    latitude: f64,
    longitude: f64,
    odometer_km: f64,
    battery_percent: Option<f64>,
}

impl Vehicle {
    fn new(number: u32) -> Vehicle {
        Vehicle {
            id: format!("v-{number:02}"),
            phase: f64::from(number),
            seconds: 0.0,
            latitude: 52.45 + 0.01 * f64::from(number),
            longitude: 13.40,
            odometer_km: 1_000.0 * f64::from(number),
            battery_percent: number.is_multiple_of(2).then_some(11.0 + 8.0 * f64::from(number)),
        }
    }

    fn speed_kmh(&self) -> f64 {
        75.0 + 60.0 * (self.seconds / 8.0 + self.phase).sin()
    }

    /// Everything follows from the speed, so the numbers tell one story.
    fn drive(&mut self, time: Duration) {
        self.seconds += time.as_secs_f64();
        let km = self.speed_kmh() * time.as_secs_f64() / 3_600.0;
        let heading = self.phase + self.seconds / 60.0;
        self.odometer_km += km;
        self.latitude += km * heading.cos() / 111.0;
        self.longitude += km * heading.sin() / 68.0; // a degree is narrower up here
        self.battery_percent = self.battery_percent.map(|percent| (percent - km).max(0.0));
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            vehicle_id: &self.id,
            timestamp: kit::timestamp(SystemTime::now()),
            latitude: self.latitude,
            longitude: self.longitude,
            speed_kmh: self.speed_kmh(),
            odometer_km: self.odometer_km,
            battery_percent: self.battery_percent,
        }
    }
}

// ── alerts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const SPEEDING_KMH: f64 = 120.0;
const LOW_BATTERY_PERCENT: f64 = 10.0;

/// What we need of a reading, and nothing else: who adds a field tomorrow does not break us.
#[derive(Deserialize)]
struct Seen {
    vehicle_id: String,
    timestamp: String,
    speed_kmh: f64,
    battery_percent: Option<f64>, // no battery is not an empty one
}

#[derive(Serialize)]
struct Alert<'a> {
    vehicle_id: &'a str,
    alert: &'a str,
    /// That of the reading: an alert that comes late still says when it happened.
    timestamp: &'a str,
    value: f64,
}

/// What we know of a vehicle.
#[derive(Default)]
struct State {
    latest: String,
    speeding: bool,
    low_battery: bool,
}

async fn watch() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let consumer = join()?;
    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    let mut fleet: HashMap<String, State> = HashMap::new();
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
            Ok(seen) => {
                for alert in fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen) {
                    raise(&producer, &alert).await?; // without it, the reading must not be committed
                }
            }
            Err(error) => eprintln!("skipped {}@{}: {error}", message.partition(), message.offset()),
        }
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}

impl State {
    /// The alerts that this reading is a reason for: those of the limits that it has reached and the one before had not.
    fn alerts<'s>(&mut self, seen: &'s Seen) -> Vec<Alert<'s>> {
        if seen.timestamp <= self.latest {
            return Vec::new(); // old news, or the same again
        }
        self.latest.clone_from(&seen.timestamp);
        let speeding = Some(seen.speed_kmh >= SPEEDING_KMH);
        let low_battery = seen.battery_percent.map(|percent| percent <= LOW_BATTERY_PERCENT);
        let mut alerts = Vec::new();
        for (name, known, now, value) in [
            ("speeding", &mut self.speeding, speeding, Some(seen.speed_kmh)),
            ("low_battery", &mut self.low_battery, low_battery, seen.battery_percent),
        ] {
            let (Some(now), Some(value)) = (now, value) else { continue };
            if now && !*known {
                let (vehicle_id, timestamp) = (seen.vehicle_id.as_str(), seen.timestamp.as_str());
                alerts.push(Alert { vehicle_id, alert: name, timestamp, value });
            }
            *known = now;
        }
        alerts
    }
}

/// Returns when the alert is acknowledged.
async fn raise(producer: &FutureProducer, alert: &Alert<'_>) -> Result<(), Box<dyn Error>> {
    let (topic, value) = (kit::topic("vehicle.alerts"), serde_json::to_vec(alert)?);
    let record = FutureRecord::to(&topic).key(alert.vehicle_id).payload(&value);
    producer.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest reading.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("vehicle-alerts"))
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
