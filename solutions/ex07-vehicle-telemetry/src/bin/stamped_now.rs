//! The mistake: the alert says when it was raised, and not when it happened.

use std::collections::HashMap;
use std::time::SystemTime;

use ex07_vehicle_telemetry_solution::{Ending, State, run, simulator, watch};

fn main() -> Ending {
    let mut fleet = HashMap::<String, State>::new();
    let own_clock = move || {
        watch(|seen| {
            let mut alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(seen);
            alerts.iter_mut().for_each(|alert| alert.value["timestamp"] = kit::timestamp(SystemTime::now()).into());
            alerts
        })
    };
    run(simulator, own_clock)
}
