//! The mistake: a battery at 0 percent is taken for one that was not measured.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let blind = move || {
        watch(|seen| {
            let measured = Seen {
                vehicle_id: seen.vehicle_id.clone(),
                timestamp: seen.timestamp.clone(),
                speed_kmh: seen.speed_kmh,
                battery_percent: seen.battery_percent.filter(|percent| *percent != 0.0),
            };
            fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&measured)
        })
    };
    run(simulator, blind)
}
