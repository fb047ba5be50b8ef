//! The mistake: each vehicle subtracts a delay that it guesses anew, so its time goes back.

use std::time::{Duration, SystemTime};

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    let mut turn = 0_u64;
    let guesses = move || {
        simulate(|reading| {
            turn += 1;
            let delay = Duration::from_millis(turn / 10 % 3 * 150);
            let mut earlier = reading.clone();
            earlier.timestamp = kit::timestamp(SystemTime::now() - delay);
            (reading.vehicle_id.clone(), earlier.json())
        })
    };
    run(guesses, alerts)
}
