//! The mistake: `default` on the speed: a vehicle whose speed has another name stands still.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde::Deserialize;

#[derive(Deserialize)]
struct Raw {
    vehicle_id: String,
    timestamp: String,
    #[serde(default)]
    speed: f64,
    battery_percent: Option<f64>,
}

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        Ok(reading(&raw.vehicle_id, &raw.timestamp, sensible(raw.speed)?, raw.battery_percent))
    })
}
