//! Right: a letter that is refused is sent again until it is taken. Nothing else is done in the meantime, and nothing
//! committed.

use ex14_schema_evolution_solution::{Ending, read, run_with, set_aside};
use rdkafka::message::Message;
use std::time::Duration;

fn main() -> Ending {
    run_with(read, |letters, message, why| {
        while let Err(error) = set_aside(letters, message, message.payload().unwrap_or_default(), why) {
            eprintln!("once more: {error}");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    })
}
