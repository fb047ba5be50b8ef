//! The mistake: a letter that is refused is sent once more. If that is refused as well, the record is logged and committed.

use ex14_schema_evolution_solution::{Ending, read, run_with, set_aside};
use rdkafka::message::Message;

fn main() -> Ending {
    run_with(read, |letters, message, why| {
        let value = message.payload().unwrap_or_default();
        let sent = set_aside(letters, message, value, why).or_else(|error| {
            eprintln!("once more: {error}");
            set_aside(letters, message, value, why)
        });
        if let Err(error) = sent {
            eprintln!("the record is lost: {error}");
        }
        Ok(())
    })
}
