//! The mistake: numbers are read as whole ones: 119.6 becomes 120.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let rounding = move || {
        watch(|seen| {
            let rounded = Seen {
                vehicle_id: seen.vehicle_id.clone(),
                timestamp: seen.timestamp.clone(),
                speed_kmh: seen.speed_kmh.round(),
                battery_percent: seen.battery_percent.map(f64::round),
            };
            fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&rounded)
        })
    };
    run(simulator, rounding)
}
