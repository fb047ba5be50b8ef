//! The mistake: the key is the time, so the readings of one vehicle are spread over all partitions.

use ex07_vehicle_telemetry_solution::{Ending, alerts, run, simulate};

fn main() -> Ending {
    run(|| simulate(|reading| (reading.timestamp.clone(), reading.json())), alerts)
}
