//! The mistake: a battery that was not measured is taken for a full one.

use ex07_vehicle_telemetry_solution::{Ending, run, simulator, watch_battery};

fn main() -> Ending {
    run(simulator, || watch_battery(|percent| Some(percent.unwrap_or(100.0))))
}
