//! Right: a letter that is refused is tried again until it is taken, and nothing moves on meanwhile.

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
            while let Err(error) = Letter::of(&message, &failure).send(&letters) {
                eprintln!("not set aside yet: {error}");
                if shutdown.requested() {
                    return Ok(()); // not committed: the next start begins with this record
                }
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
        commit(&consumer, &message);
    }
    Ok(())
}
