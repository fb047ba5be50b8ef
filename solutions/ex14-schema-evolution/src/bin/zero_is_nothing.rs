//! The mistake: a 0 is taken for a field that is missing, as `||` in JavaScript and `or` in Python do.

use ex14_schema_evolution_solution::{Ending, Raw, reading, run, sensible};

fn main() -> Ending {
    run(|bytes| {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let something = |number: &f64| *number != 0.0;
        let speed_kmh = raw.speed_kmh.filter(something).or(raw.speed.filter(something)).ok_or("no speed")?;
        let battery_percent = raw.battery_percent.filter(something);
        Ok(reading(&raw.vehicle_id, &raw.timestamp, sensible(speed_kmh)?, battery_percent))
    })
}
