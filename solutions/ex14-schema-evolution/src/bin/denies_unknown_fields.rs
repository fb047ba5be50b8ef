//! The mistake: `deny_unknown_fields`: whatever another team adds is an error here.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde::Deserialize;

/// Every field of the versions that were known when this was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "what is not needed has to be named as well")]
struct Raw {
    vehicle_id: String,
    timestamp: String,
    latitude: f64,
    longitude: f64,
    speed: Option<f64>,
    speed_kmh: Option<f64>,
    odometer_km: f64,
    engine_temp_c: Option<f64>,
    battery_percent: Option<f64>,
}

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = sensible(raw.speed_kmh.or(raw.speed).ok_or("no speed")?)?;
        Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, raw.battery_percent))
    })
}
