//! The mistake: a letter that says nothing about itself. Nobody will know where it came from, or why it is there.

use ex05_dead_letter_queue_solution::{Ending, Letter, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};
use rdkafka::message::{BorrowedMessage, Message, OwnedHeaders};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            let letter = Letter { headers: own(&message), ..Letter::of(&message, &failure) };
            letter.send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}

fn own(message: &BorrowedMessage<'_>) -> OwnedHeaders {
    message.headers().map_or_else(OwnedHeaders::new, |own| own.detach())
}
