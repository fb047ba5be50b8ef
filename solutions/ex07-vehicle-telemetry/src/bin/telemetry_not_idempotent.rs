//! The mistake: what got no answer is sent again, and nobody recognises it.

use std::collections::HashMap;
use std::time::Duration;

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, run, simulate_with, watch_with};
use rdkafka::message::Message;

fn main() -> Ending {
    run(simulator, alerts)
}

fn simulator() -> Ending {
    simulate_with(&kit::config(), Duration::from_secs(30), |reading| (reading.vehicle_id.clone(), reading.json()))
}

fn alerts() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    watch_with("false", |consumer, message, producer| {
        if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
            let alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen);
            alerts.iter().try_for_each(|alert| raise(producer, alert))?;
        }
        commit(consumer, message);
        Ok(())
    })
}
