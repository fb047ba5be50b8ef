//! The mistake: `?` on a reading that cannot be read ends the program.

use std::collections::HashMap;

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, run, simulator, watch_records};
use rdkafka::message::Message;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let fragile = move || {
        watch_records(|consumer, message, producer| {
            let seen: Seen = serde_json::from_slice(message.payload().unwrap_or_default())?;
            let alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen);
            alerts.iter().try_for_each(|alert| raise(producer, alert))?;
            commit(consumer, message);
            Ok(())
        })
    };
    run(simulator, fragile)
}
