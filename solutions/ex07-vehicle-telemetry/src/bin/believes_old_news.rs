//! The mistake: whatever comes last is taken for the latest, whatever its clock says.

use ex07_vehicle_telemetry_solution::{Ending, State, run, simulator, watch};
use std::collections::HashMap;

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let trusting = move || watch(|seen| fleet.entry(seen.vehicle_id.clone()).or_default().alerts_at_any_time(seen));
    run(simulator, trusting)
}
