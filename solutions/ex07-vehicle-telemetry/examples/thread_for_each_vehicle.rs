//! Right: each vehicle is a thread with a timer of its own, and the alerts come from offsets that are stored one by one
//! and committed by the client, in a group of the newer protocol.

use std::collections::HashMap;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use ex07_vehicle_telemetry_solution::{Ending, INTERVAL, Seen, State, config, fleet, next, producer, raise, run, send};
use kit::Shutdown;
use rdkafka::consumer::{Consumer, DefaultConsumerContext};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, Producer};

fn main() -> Ending {
    run(simulator, alerts)
}

fn simulator() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&config())?;
    scope(|threads| {
        for mut vehicle in fleet() {
            let (producer, shutdown) = (&producer, &shutdown);
            threads.spawn(move || {
                let mut due = Instant::now();
                while !shutdown.requested() {
                    let reading = vehicle.drive();
                    if let Err(error) = send(producer, &reading.vehicle_id, &reading.json()) {
                        eprintln!("not sent: {error}");
                    }
                    due += INTERVAL;
                    sleep(due.saturating_duration_since(Instant::now()));
                }
            });
        }
    });
    producer.flush(Duration::from_secs(30))?;
    Ok(())
}

fn alerts() -> Ending {
    let shutdown = Shutdown::listen();
    let mut config = solutions_shared::config("vehicle-alerts");
    config
        .set("group.protocol", "consumer")
        .set("enable.auto.commit", "true")
        .set("auto.commit.interval.ms", "50")
        .set("enable.auto.offset.store", "false");
    let consumer = solutions_shared::join(&config, "vehicle.telemetry", DefaultConsumerContext)?;
    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    let mut fleet = HashMap::<String, State>::new();
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
            let alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen);
            alerts.iter().try_for_each(|alert| raise(&producer, alert))?;
        }
        consumer.store_offset_from_message(&message)?;
    }
    Ok(())
}
