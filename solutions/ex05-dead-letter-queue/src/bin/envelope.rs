//! The mistake: the letter is an envelope of JSON, and the record is a text inside of it.

use ex05_dead_letter_queue_solution::{Ending, Letter, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};
use serde_json::json;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            let mut letter = Letter::of(&message, &failure);
            let value = letter.value.unwrap_or_default();
            let envelope = json!({ "value": String::from_utf8_lossy(&value), "error": failure.error });
            letter.value = Some(envelope.to_string().into_bytes());
            letter.send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
