//! The mistake: no second attempt. An order that would have worked a moment later is set aside.

use ex05_dead_letter_queue_solution::{
    Ending, FIRST_PAUSE, Failure, Letter, attempts, commit, config, join, letters, next, parse,
};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let processed = parse(&message)
            .map_err(|error| Failure { error: error.to_string(), retries: 0 })
            .and_then(|order| attempts(&order, &downstream, 1, |_| FIRST_PAUSE));
        if let Err(failure) = processed {
            Letter::of(&message, &failure).send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
