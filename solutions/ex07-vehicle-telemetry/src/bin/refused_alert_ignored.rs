//! The mistake: that an alert was refused is written into a log, and its reading is committed.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, run, simulator, watch_records};
use rdkafka::message::Message;
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let careless = move || {
        watch_records(|consumer, message, producer| {
            if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
                for alert in fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen) {
                    if let Err(error) = raise(producer, &alert) {
                        eprintln!("no alert: {error}");
                    }
                }
            }
            commit(consumer, message);
            Ok(())
        })
    };
    run(simulator, careless)
}
