//! The mistake: the offset is committed before the letter is acknowledged. Killed in between, the order is lost.

use ex05_dead_letter_queue_solution::{Ending, Letter, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let processed = process(&message, &downstream);
        commit(&consumer, &message);
        if let Err(failure) = processed {
            Letter::of(&message, &failure).send(&letters)?;
        }
    }
    Ok(())
}
