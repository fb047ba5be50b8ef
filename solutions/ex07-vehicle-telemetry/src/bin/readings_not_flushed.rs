//! The mistake: on SIGTERM it ends at once, and what is on its way is left to itself.

use std::time::Duration;

use ex07_vehicle_telemetry_solution::{Ending, alerts, config, run, simulate_with};

fn main() -> Ending {
    let no_patience =
        || simulate_with(&config(), Duration::ZERO, |reading| (reading.vehicle_id.clone(), reading.json()));
    run(no_patience, alerts)
}
