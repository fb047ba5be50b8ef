//! The mistake: a record that is no order ends the program, with the batch in which it is.

use ex08_batches_solution::{Ending, GLANCE, MAX_WAIT, SIZE, config, deal, group, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use rdkafka::message::Message;
use serde_json::Value;
use std::time::Instant;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    while !shutdown.requested() {
        let mut due: Option<Instant> = None;
        while consumer.context().open().orders.len() < SIZE && due.is_none_or(|due| Instant::now() < due) {
            if shutdown.requested() {
                break;
            }
            let Some(message) = next(&consumer, GLANCE)? else { continue };
            serde_json::from_slice::<Value>(message.payload().unwrap_or_default())?;
            consumer.context().open().add(&message);
            due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
        }
        let batch = std::mem::take(&mut *consumer.context().open());
        deal(&consumer, &batch, &downstream)?;
    }
    Ok(())
}
