//! The mistake: the speed is in metres per second, and the name of the field says otherwise.

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    let other_unit = || {
        simulate(|reading| {
            let mut value = reading.json();
            value["speed_kmh"] = (reading.speed_kmh / 3.6).into();
            (reading.vehicle_id.clone(), value)
        })
    };
    run(other_unit, alerts)
}
