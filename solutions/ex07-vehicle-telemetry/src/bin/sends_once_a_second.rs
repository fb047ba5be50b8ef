//! The mistake: readings are taken ten times a second, kept, and sent once a second.

use ex07_vehicle_telemetry_solution::{Ending, INTERVAL, Reading, alerts, config, fleet, producer, run, send};
use kit::Shutdown;
use rdkafka::producer::Producer;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn main() -> Ending {
    run(once_a_second, alerts)
}

fn once_a_second() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&config())?;
    let mut fleet = fleet();
    let mut kept: Vec<Reading> = Vec::new();
    let mut due = Instant::now();
    for turn in 1_u64.. {
        let stop = shutdown.requested();
        kept.extend(fleet.iter_mut().map(|vehicle| vehicle.drive()));
        if stop || turn.is_multiple_of(10) {
            kept.drain(..).try_for_each(|reading| send(&producer, &reading.vehicle_id, &reading.json()))?;
        }
        if stop {
            break;
        }
        due += INTERVAL;
        sleep(due.saturating_duration_since(Instant::now()));
    }
    producer.flush(Duration::from_secs(30))?;
    Ok(())
}
