//! The mistake: the value is parsed and written anew. It means the same, and it is not the same.

use ex05_dead_letter_queue_solution::{Ending, Letter, commit, config, join, letters, next, process};
use kit::{Downstream, Shutdown};
use serde_json::Value;
use std::collections::BTreeMap;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            let mut letter = Letter::of(&message, &failure);
            if let Ok(order) =
                serde_json::from_slice::<BTreeMap<String, Value>>(&letter.value.clone().unwrap_or_default())
            {
                letter.value = Some(serde_json::to_vec(&order)?);
            }
            letter.send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
