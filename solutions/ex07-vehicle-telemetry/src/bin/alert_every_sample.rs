//! The mistake: as long as a vehicle speeds, each of its readings is an alert.

use ex07_vehicle_telemetry_solution::{Ending, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let forgetful = move || {
        watch(|seen| {
            let latest = fleet.get(&seen.vehicle_id).map(|state| state.latest.clone()).unwrap_or_default();
            // Only the time is remembered, and not that there was an alert.
            let mut state = State { latest, ..State::default() };
            let alerts = state.alerts(seen);
            fleet.insert(seen.vehicle_id.clone(), state);
            alerts
        })
    };
    run(simulator, forgetful)
}
