//! The mistake: the clock is looked at only when a record comes. With the last one of a batch nobody looks any more.

use ex08_batches_solution::{Ending, GLANCE, MAX_WAIT, SIZE, config, deal, group, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use std::time::Instant;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    while !shutdown.requested() {
        let mut due: Option<Instant> = None;
        while consumer.context().open().orders.len() < SIZE && !shutdown.requested() {
            let Some(message) = next(&consumer, GLANCE)? else { continue };
            consumer.context().open().add(&message);
            if Instant::now() >= *due.get_or_insert_with(|| Instant::now() + MAX_WAIT) {
                break;
            }
        }
        let batch = std::mem::take(&mut *consumer.context().open());
        deal(&consumer, &batch, &downstream)?;
    }
    Ok(())
}
