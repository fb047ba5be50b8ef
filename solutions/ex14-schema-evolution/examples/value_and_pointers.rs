//! Right: no struct at all, but a Value that is asked for what is needed.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde_json::Value;

fn main() -> Ending {
    run(|bytes| {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let text = |name: &str| value[name].as_str().ok_or_else(|| format!("{name} is no text"));
        let number = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(there) => there.as_f64().map(Some).ok_or_else(|| format!("{name} is no number")),
        };
        let speed_kmh = number("speed_kmh")?.or(number("speed")?).ok_or("no speed")?;
        Ok(reading(text("vehicle_id")?, text("timestamp")?, sensible(speed_kmh)?, number("battery_percent")?))
    })
}
