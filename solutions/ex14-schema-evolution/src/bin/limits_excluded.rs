//! The mistake: a speed of exactly 0 or 400 is set aside.

use ex14_schema_evolution_solution::{Ending, Raw, reading, run};

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let speed_kmh = raw.speed_kmh.or(raw.speed).ok_or("no speed")?;
        match 0.0 < speed_kmh && speed_kmh < 400.0 {
            true => Ok(reading(&raw.vehicle_id, &raw.timestamp, speed_kmh, raw.battery_percent)),
            false => Err(format!("{speed_kmh} is no speed")),
        }
    })
}
