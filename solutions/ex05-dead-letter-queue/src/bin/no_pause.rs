//! The mistake: three attempts within a millisecond. Whatever is down has no time to come up again.

use ex05_dead_letter_queue_solution::{Ending, Failure, Letter, attempts, commit, config, join, letters, next, parse};
use kit::{Downstream, Shutdown};
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let processed = parse(&message)
            .map_err(|error| Failure { error: error.to_string(), retries: 0 })
            .and_then(|order| attempts(&order, &downstream, 3, |_| Duration::ZERO));
        if let Err(failure) = processed {
            Letter::of(&message, &failure).send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
