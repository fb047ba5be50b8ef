//! The mistake: a battery that is missing becomes one that is empty.

use ex14_schema_evolution_solution::{Ending, Raw, reading, run, sensible};

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = sensible(raw.speed_kmh.or(raw.speed).ok_or("no speed")?)?;
        Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, Some(raw.battery_percent.unwrap_or(0.0))))
    })
}
