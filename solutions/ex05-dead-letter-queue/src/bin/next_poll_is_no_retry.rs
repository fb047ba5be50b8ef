//! The mistake: a record that failed is not committed, so that poll() brings it again. It does not.

use ex05_dead_letter_queue_solution::{
    Ending, FIRST_PAUSE, Failure, Letter, attempts, commit, config, join, letters, next, parse,
};
use kit::{Downstream, Shutdown};
use rdkafka::Message;
use std::collections::HashMap;
use std::thread::sleep;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    let mut failed: HashMap<(i32, i64), usize> = HashMap::new();
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match parse(&message) {
            Err(error) => {
                let failure = Failure { error: error.to_string(), retries: 0 };
                Letter::of(&message, &failure).send(&letters)?;
            }
            Ok(order) => {
                if let Err(failure) = attempts(&order, &downstream, 1, |_| FIRST_PAUSE) {
                    let times = failed.entry((message.partition(), message.offset())).or_default();
                    *times += 1;
                    if *times < 3 {
                        sleep(FIRST_PAUSE);
                        continue;
                    }
                    Letter::of(&message, &Failure { retries: 2, ..failure }).send(&letters)?;
                }
            }
        }
        commit(&consumer, &message);
    }
    Ok(())
}
