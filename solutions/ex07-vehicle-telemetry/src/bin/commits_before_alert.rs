//! The mistake: the reading is committed, and then its alert is sent.

use std::collections::HashMap;

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, run, simulator, watch_records};
use rdkafka::message::Message;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let hasty = move || {
        watch_records(|consumer, message, producer| {
            commit(consumer, message);
            let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) else { return Ok(()) };
            let alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen);
            alerts.iter().try_for_each(|alert| raise(producer, alert))
        })
    };
    run(simulator, hasty)
}
