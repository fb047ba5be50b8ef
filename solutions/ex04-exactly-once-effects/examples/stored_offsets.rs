//! Right: librdkafka commits by timer, but only what has been stored, and it is stored after the database has it.

use ex04_exactly_once_effects_solution::{Ending, apply, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use rdkafka::message::Message;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let mut config = config();
    config
        .set("enable.auto.commit", "true")
        .set("enable.auto.offset.store", "false")
        .set("auto.commit.interval.ms", "50");
    let consumer = join(&config)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        // store_offset adds the one by itself.
        consumer.store_offset(message.topic(), message.partition(), message.offset())?;
    }
    Ok(())
}
