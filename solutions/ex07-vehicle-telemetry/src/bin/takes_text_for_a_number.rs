//! The mistake: a speed is read from whatever can be turned into a number: "133.5" is a text, and so no reading.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, run, simulator, watch_records};
use rdkafka::Message;
use serde_json::Value;
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let watch = move || {
        watch_records(|consumer, message, producer| {
            if let Some(seen) = seen(message.payload().unwrap_or_default()) {
                let state = fleet.entry(seen.vehicle_id.clone()).or_default();
                state.alerts(&seen).iter().try_for_each(|alert| raise(producer, alert))?;
            }
            commit(consumer, message);
            Ok(())
        })
    };
    run(simulator, watch)
}

fn seen(payload: &[u8]) -> Option<Seen> {
    let mut value: Value = serde_json::from_slice(payload).ok()?;
    let number = value.get("speed_kmh")?.as_str().and_then(|text| text.parse::<f64>().ok());
    if let Some(number) = number {
        value["speed_kmh"] = number.into();
    }
    serde_json::from_value(value).ok()
}
