//! The mistake: the odometer wobbles by some metres, as a position does, and so it falls now and then.

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    let mut turn = 0;
    let wobbles = move || {
        simulate(|reading| {
            turn += 1;
            let mut wobbling = reading.clone();
            wobbling.odometer_km += if turn / 10 % 3 == 1 { 0.012 } else { 0.0 };
            (reading.vehicle_id.clone(), wobbling.json())
        })
    };
    run(wobbles, alerts)
}
