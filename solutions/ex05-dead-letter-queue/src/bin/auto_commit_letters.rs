//! The mistake: leaves `enable.auto.commit` at its default. The client commits what it has handed out, and when the
//! consumer is dropped that is all that still waited in its queue.

use ex05_dead_letter_queue_solution::{Ending, Letter, config, join, letters, next, process};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("enable.auto.commit"))?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            Letter::of(&message, &failure).send(&letters)?;
        }
    }
    Ok(())
}
