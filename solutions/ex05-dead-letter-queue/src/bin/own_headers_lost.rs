//! The mistake: the letter has our headers, and no longer those that the record came with.

use ex05_dead_letter_queue_solution::{Ending, Letter, about, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};
use rdkafka::message::OwnedHeaders;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            let headers = about(OwnedHeaders::new(), &message, &failure);
            Letter { headers, ..Letter::of(&message, &failure) }.send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
