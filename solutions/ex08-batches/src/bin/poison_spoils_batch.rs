//! The mistake: one record that is no order makes the whole batch fail. It is skipped, and everything in it.

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
        let (mut due, mut spoiled): (Option<Instant>, bool) = (None, false);
        while consumer.context().open().orders.len() < SIZE && !shutdown.requested() {
            if due.is_some_and(|due| Instant::now() >= due) {
                break;
            }
            if let Some(message) = next(&consumer, GLANCE)? {
                spoiled |= serde_json::from_slice::<Value>(message.payload().unwrap_or_default()).is_err();
                consumer.context().open().add(&message);
                due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
            }
        }
        let mut batch = std::mem::take(&mut *consumer.context().open());
        if spoiled {
            batch.orders.clear(); // as if all of them had been parsed at once
        }
        deal(&consumer, &batch, &downstream)?;
    }
    Ok(())
}
