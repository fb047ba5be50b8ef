//! The mistake: a battery at 0 percent is taken for one that was not measured.

use ex07_vehicle_telemetry_solution::{Ending, run, simulator, watch_battery};

fn main() -> Ending {
    run(simulator, || watch_battery(|percent| percent.filter(|percent| *percent != 0.0)))
}
