//! The mistake: where both names are there, the old one is taken, and it is in miles.

use ex14_schema_evolution_solution::{Ending, Raw, reading, run, sensible};

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = sensible(raw.speed.or(raw.speed_kmh).ok_or("no speed")?)?;
        Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, raw.battery_percent))
    })
}
