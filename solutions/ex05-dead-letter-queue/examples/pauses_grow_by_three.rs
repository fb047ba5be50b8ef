//! Right: other pauses that grow, and no commit of its own but of stored offsets.

use ex05_dead_letter_queue_solution::{Ending, Failure, Letter, attempts, config, join, letters, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use rdkafka::message::Message;
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut config = config();
    config
        .set("enable.auto.commit", "true")
        .set("enable.auto.offset.store", "false")
        .set("auto.commit.interval.ms", "50");
    let consumer = join(&config)?;
    let letters = letters()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let processed =
            parse(&message).map_err(|error| Failure { error: error.to_string(), retries: 0 }).and_then(|order| {
                attempts(&order, &downstream, 3, |retries| Duration::from_millis(20 * 3_u64.pow(retries as u32)))
            });
        if let Err(failure) = processed {
            Letter::of(&message, &failure).send(&letters)?;
        }
        consumer.store_offset(message.topic(), message.partition(), message.offset())?;
    }
    Ok(())
}
