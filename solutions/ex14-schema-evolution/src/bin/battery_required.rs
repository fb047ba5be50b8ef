//! The mistake: what is optional is asked for: whoever has no battery is set aside.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde::Deserialize;

#[derive(Deserialize)]
struct Raw {
    vehicle_id: String,
    timestamp: String,
    speed: Option<f64>,
    speed_kmh: Option<f64>,
    battery_percent: f64,
}

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = sensible(raw.speed_kmh.or(raw.speed).ok_or("no speed")?)?;
        Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, Some(raw.battery_percent)))
    })
}
