//! The mistake: `>` and `<` where the contract says at least and at most.

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let beyond = move || {
        watch(|seen| {
            // To be beyond the limit is to reach one that lies a little further.
            let nudged = Seen {
                vehicle_id: seen.vehicle_id.clone(),
                timestamp: seen.timestamp.clone(),
                speed_kmh: if seen.speed_kmh == 120.0 { 119.0 } else { seen.speed_kmh },
                battery_percent: seen.battery_percent.map(|percent| if percent == 10.0 { 11.0 } else { percent }),
            };
            fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&nudged)
        })
    };
    run(simulator, beyond)
}
