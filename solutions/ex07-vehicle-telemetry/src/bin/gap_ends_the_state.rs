//! The mistake: a battery that was not measured is taken for a full one.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let hopeful = move || {
        watch(|seen| {
            let filled = Seen {
                vehicle_id: seen.vehicle_id.clone(),
                timestamp: seen.timestamp.clone(),
                speed_kmh: seen.speed_kmh,
                battery_percent: Some(seen.battery_percent.unwrap_or(100.0)),
            };
            fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&filled)
        })
    };
    run(simulator, hopeful)
}
