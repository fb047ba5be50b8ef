//! The mistake: nobody looks at whether the letter was accepted. The dead letter queue refuses it, and the order is lost.

use ex05_dead_letter_queue_solution::{Ending, Letter, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            Letter::of(&message, &failure).send(&letters).ok();
        }
        commit(&consumer, &message);
    }
    Ok(())
}
