//! The mistake: a set of vehicles that have been told about, from which nobody is ever removed.

use ex07_vehicle_telemetry_solution::{Ending, State, run, simulator, watch};
use std::collections::{HashMap, HashSet};

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let mut told = HashSet::new();
    let once_for_ever = move || {
        watch(|seen| {
            let mut alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(seen);
            alerts.retain(|alert| told.insert((alert.key.clone(), alert.value["alert"].to_string())));
            alerts
        })
    };
    run(simulator, once_for_ever)
}
