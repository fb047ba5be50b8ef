//! The mistake: pauses that are longer than the group waits for a poll. It is thrown out, and somebody else gets its
//! partitions.

use ex05_dead_letter_queue_solution::{Ending, Failure, Letter, attempts, commit, config, join, letters, next, parse};
use kit::{Downstream, Shutdown};
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut config = config();
    config.set("session.timeout.ms", "1000").set("max.poll.interval.ms", "1000"); // or pauses of minutes, by default
    let consumer = join(&config)?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let processed = parse(&message)
            .map_err(|error| Failure { error: error.to_string(), retries: 0 })
            .and_then(|order| attempts(&order, &downstream, 3, |retries| Duration::from_millis(800 << retries)));
        if let Err(failure) = processed {
            Letter::of(&message, &failure).send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
