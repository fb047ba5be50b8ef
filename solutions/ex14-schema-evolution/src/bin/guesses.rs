//! The mistake: a text that looks like a number is taken for one, and a speed below zero for its opposite.

use ex14_schema_evolution_solution::{Ending, reading, run, sensible};
use serde_json::Value;

fn main() -> Ending {
    run(|bytes| {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let text = |name: &str| value[name].as_str().map(str::to_owned).ok_or(format!("no {name}"));
        let number = |name: &str| match &value[name] {
            Value::String(text) => text.parse::<f64>().ok(),
            other => other.as_f64(),
        };
        let speed_kmh = number("speed_kmh").or(number("speed")).ok_or("no speed")?.abs();
        Ok(reading(&text("vehicle_id")?, &text("timestamp")?, sensible(speed_kmh)?, number("battery_percent")))
    })
}
