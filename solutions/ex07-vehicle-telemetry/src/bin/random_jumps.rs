//! The mistake: each position is drawn anew, as if vehicles could be anywhere.

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    let mut drawn: u32 = 7;
    let mut anywhere = move || {
        drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(drawn >> 16) / 65_536.0
    };
    let jumps = move || {
        simulate(|reading| {
            let mut there = reading.clone();
            (there.latitude, there.longitude) = (52.0 + anywhere(), 13.0 + anywhere());
            (reading.vehicle_id.clone(), there.json())
        })
    };
    run(jumps, alerts)
}
