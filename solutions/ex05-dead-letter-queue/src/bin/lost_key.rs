//! The mistake: a letter without its key. Sent back one day, it lands in another partition.

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
            Letter { key: None, ..Letter::of(&message, &failure) }.send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
