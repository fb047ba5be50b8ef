//! The mistake: `#[serde(default)]` on the battery: a vehicle without one has an empty one.

use ex07_vehicle_telemetry_solution::{Ending, run, simulator, watch_battery};

fn main() -> Ending {
    run(simulator, || watch_battery(|percent| Some(percent.unwrap_or_default())))
}
