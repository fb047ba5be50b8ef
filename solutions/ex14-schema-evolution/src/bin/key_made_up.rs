//! The mistake: a key that is missing becomes an empty one.

use ex14_schema_evolution_solution::{Ending, read, run_with, set_aside_as};
use rdkafka::message::Message;

fn main() -> Ending {
    run_with(read, |letters, message, why| {
        let (key, value) = (message.key().unwrap_or_default(), message.payload().unwrap_or_default());
        set_aside_as(letters, message, Some(key), value, why)
    })
}
