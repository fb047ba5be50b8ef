//! The mistake: fields are asked for that nobody needs, and a record without them is set aside.

use ex14_schema_evolution_solution::{Ending, Raw, read, run};
use serde::Deserialize;

#[derive(Deserialize)]
#[allow(dead_code, reason = "they are asked for, and that is the mistake")]
struct Whole {
    #[serde(flatten)]
    needed: Raw,
    latitude: f64,
    longitude: f64,
    odometer_km: f64,
}

fn main() -> Ending {
    run(|bytes| {
        serde_json::from_slice::<Whole>(bytes).map_err(|error| error.to_string())?;
        read(bytes)
    })
}
