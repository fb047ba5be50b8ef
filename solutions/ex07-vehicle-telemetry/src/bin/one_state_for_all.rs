//! The mistake: one flag for all vehicles: who speeds while another one does is not told, and who has long been told is told again.

use ex07_vehicle_telemetry_solution::{Ending, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut latest = HashMap::<String, String>::new();
    let mut state = State::default();
    let shared = move || {
        watch(|seen| {
            state.latest = latest.get(&seen.vehicle_id).cloned().unwrap_or_default();
            let alerts = state.alerts(seen);
            latest.insert(seen.vehicle_id.clone(), state.latest.clone());
            alerts
        })
    };
    run(simulator, shared)
}
