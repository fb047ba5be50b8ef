//! The mistake: a minute of readings is sent at once, with times that have not come yet.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use ex07_vehicle_telemetry_solution::{Ending, INTERVAL, alerts, config, fleet, producer, run, send};
use kit::Shutdown;
use rdkafka::producer::Producer;

fn main() -> Ending {
    run(all_at_once, alerts)
}

fn all_at_once() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&config())?;
    let mut fleet = fleet();
    let mut clock = SystemTime::now();
    while !shutdown.requested() {
        for _ in 0..600 {
            clock += INTERVAL;
            for vehicle in &mut fleet {
                let mut reading = vehicle.drive();
                reading.timestamp = kit::timestamp(clock);
                send(&producer, &reading.vehicle_id, &reading.json())?;
            }
        }
        producer.flush(Duration::from_secs(30))?;
        sleep(Duration::from_millis(100));
    }
    Ok(())
}
