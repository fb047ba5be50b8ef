//! Right: a type for each shape, and the first that fits is taken; the new name stands first.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde::Deserialize;

#[derive(Deserialize)]
struct Known {
    vehicle_id: String,
    timestamp: String,
    battery_percent: Option<f64>,
    #[serde(flatten)]
    speed: Speed,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Speed {
    Renamed { speed_kmh: f64 },
    AtFirst { speed: f64 },
}

fn main() -> Ending {
    run(|bytes| {
        let known: Known = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = match known.speed {
            Speed::Renamed { speed_kmh } => speed_kmh,
            Speed::AtFirst { speed } => speed,
        };
        Ok(reading(&known.vehicle_id, &known.timestamp, sensible(speed_kmh)?, known.battery_percent))
    })
}
