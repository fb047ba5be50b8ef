//! The right simulator in pieces.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use kit::Shutdown;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use serde_json::{Value, json};

use crate::Ending;

/// Between two readings of one vehicle.
pub const INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug, Clone)]
pub struct Reading {
    pub vehicle_id: String,
    pub timestamp: String,
    pub latitude: f64,
    pub longitude: f64,
    pub speed_kmh: f64,
    pub odometer_km: f64,
}

impl Reading {
    pub fn json(&self) -> Value {
        json!({
            "vehicle_id": self.vehicle_id,
            "timestamp": self.timestamp,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "speed_kmh": self.speed_kmh,
            "odometer_km": self.odometer_km,
        })
    }
}

pub struct Vehicle {
    id: String,
    phase: f64,
    seconds: f64,
    latitude: f64,
    longitude: f64,
    odometer_km: f64,
}

pub fn fleet() -> Vec<Vehicle> {
    let vehicle = |number: u32| Vehicle {
        id: format!("v-{number:02}"),
        phase: f64::from(number),
        seconds: 0.0,
        latitude: 52.45 + 0.01 * f64::from(number),
        longitude: 13.4,
        odometer_km: 1_000.0 * f64::from(number),
    };
    (1..=10).map(vehicle).collect()
}

impl Vehicle {
    fn speed_kmh(&self) -> f64 {
        75.0 + 60.0 * (self.seconds / 8.0 + self.phase).sin()
    }

    /// Its next reading, taken now.
    pub fn drive(&mut self) -> Reading {
        self.seconds += INTERVAL.as_secs_f64();
        let km = self.speed_kmh() * INTERVAL.as_secs_f64() / 3_600.0;
        let heading = self.phase + self.seconds / 60.0;
        self.odometer_km += km;
        self.latitude += km * heading.cos() / 111.0;
        self.longitude += km * heading.sin() / 68.0;
        Reading {
            vehicle_id: self.id.clone(),
            timestamp: kit::timestamp(SystemTime::now()),
            latitude: self.latitude,
            longitude: self.longitude,
            speed_kmh: self.speed_kmh(),
            odometer_km: self.odometer_km,
        }
    }
}

/// The right settings.
pub fn config() -> ClientConfig {
    let mut config = kit::config();
    config.set("enable.idempotence", "true");
    config
}

pub fn producer(config: &ClientConfig) -> KafkaResult<ThreadedProducer<DefaultProducerContext>> {
    config.create()
}

/// Hands it over; it is sent in the background.
pub fn send(producer: &ThreadedProducer<DefaultProducerContext>, key: &str, value: &Value) -> Ending {
    let (topic, value) = (kit::topic("vehicle.telemetry"), value.to_string());
    producer.send(BaseRecord::to(&topic).key(key).payload(&value)).map_err(|(error, _)| error.into())
}

/// Ten vehicles in time; `record` says which key and value a reading is sent with.
pub fn simulate(record: impl FnMut(&Reading) -> (String, Value)) -> Ending {
    simulate_with(&config(), Duration::from_secs(30), record)
}

/// The same with other settings, and another patience at the end.
pub fn simulate_with(
    config: &ClientConfig,
    patience: Duration,
    mut record: impl FnMut(&Reading) -> (String, Value),
) -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(config)?;
    let mut fleet = fleet();
    let mut due = Instant::now();
    while !shutdown.requested() {
        for vehicle in &mut fleet {
            let (key, value) = record(&vehicle.drive());
            send(&producer, &key, &value)?;
        }
        due += INTERVAL;
        sleep(due.saturating_duration_since(Instant::now()));
    }
    if patience > Duration::ZERO {
        producer.flush(patience)?;
    }
    Ok(())
}
