//! The mistake: after the last attempt the order is logged and forgotten.

use ex05_dead_letter_queue_solution::{Ending, commit, config, join, next, process};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            eprintln!("given up: {}", failure.error);
        }
        commit(&consumer, &message);
    }
    Ok(())
}
