//! The mistake: a field of another type ends the program.

use ex14_schema_evolution_solution::{Ending, commit, read, run_each};
use rdkafka::message::Message;

fn main() -> Ending {
    run_each(|consumer, message, downstream, _| {
        let reading = read(message.payload().unwrap_or_default())?;
        downstream.call("reading", &reading)?;
        commit(consumer, message);
        Ok(())
    })
}
