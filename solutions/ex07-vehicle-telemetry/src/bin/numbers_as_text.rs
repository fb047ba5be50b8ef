//! The mistake: numbers are written as texts.

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    let texts = || {
        simulate(|reading| {
            let mut value = reading.json();
            value["speed_kmh"] = format!("{:.1}", reading.speed_kmh).into();
            (reading.vehicle_id.clone(), value)
        })
    };
    run(texts, alerts)
}
