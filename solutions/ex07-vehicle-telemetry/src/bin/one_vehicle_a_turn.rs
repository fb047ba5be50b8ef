//! The mistake: each turn of the loop is one vehicle's, so each reports a tenth as often as it should.

use ex07_vehicle_telemetry_solution::{Ending, INTERVAL, alerts, config, fleet, producer, run, send};
use kit::Shutdown;
use rdkafka::producer::Producer;
use std::thread::sleep;
use std::time::Duration;

fn main() -> Ending {
    run(one_after_the_other, alerts)
}

fn one_after_the_other() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&config())?;
    let mut fleet = fleet();
    let vehicles = fleet.len();
    for turn in 0.. {
        if shutdown.requested() {
            break;
        }
        let reading = fleet[turn % vehicles].drive();
        send(&producer, &reading.vehicle_id, &reading.json())?;
        sleep(INTERVAL);
    }
    producer.flush(Duration::from_secs(30))?;
    Ok(())
}
