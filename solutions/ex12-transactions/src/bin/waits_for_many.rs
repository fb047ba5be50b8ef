//! The mistake: a transaction is committed when it has a hundred orders, or the program stops. Until then nobody sees any.

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, next, offsets, pay, producer, send_offsets, undo};
use kit::{Downstream, Shutdown};
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    loop {
        let mut batch: Vec<BorrowedMessage<'_>> = Vec::new();
        while batch.len() < 100 && !shutdown.requested() {
            let more = next(&consumer, 100)?;
            if batch.is_empty() && !more.is_empty() {
                producer.begin_transaction()?;
            }
            if let Err(error) = pay(&more, &downstream, &producer) {
                undo(error, &consumer, &producer)?;
                batch.clear();
                continue;
            }
            batch.extend(more);
        }
        if batch.is_empty() {
            return Ok(());
        }
        let sent = send_offsets(&offsets(&batch, 1)?, &consumer, &producer);
        if let Err(error) = sent.and_then(|()| producer.commit_transaction(LIMIT)) {
            undo(error.into(), &consumer, &producer)?;
        }
    }
}
