//! The mistake: a record that is not JSON ends the program, and every restart of it.

use ex05_dead_letter_queue_solution::{
    Ending, FIRST_PAUSE, Letter, attempts, commit, config, join, letters, next, parse,
};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order = parse(&message)?;
        if let Err(failure) = attempts(&order, &downstream, 3, |retries| FIRST_PAUSE * (1 << retries)) {
            Letter::of(&message, &failure).send(&letters)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
