//! The mistake: what is set aside is parsed and written again, so its bytes are others.

use ex14_schema_evolution_solution::{Ending, read, run_with, set_aside};
use rdkafka::message::Message;
use serde_json::Value;

fn main() -> Ending {
    run_with(read, |letters, message, why| {
        let bytes = message.payload().unwrap_or_default();
        let anew = match serde_json::from_slice::<Value>(bytes) {
            Ok(Value::Object(fields)) => Value::Object(fields.into_iter().rev().collect()).to_string(),
            Ok(other) => format!("{other:#}"),
            Err(_) => String::from_utf8_lossy(bytes).trim().to_uppercase(),
        };
        set_aside(letters, message, anew.as_bytes(), why)
    })
}
