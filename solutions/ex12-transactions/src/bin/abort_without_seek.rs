//! The mistake: after an abort it goes on from where it was. The orders of the aborted transaction are never paid.

use ex12_transactions_solution::{Ending, LIMIT, config, id, is_fatal, join, next, producer, transact};
use kit::{Downstream, Shutdown};
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let batch = next(&consumer, 100)?;
        if batch.is_empty() {
            continue;
        }
        if let Err(error) = transact(&batch, &downstream, &consumer, &producer) {
            if is_fatal(&*error) {
                return Err(error);
            }
            producer.abort_transaction(LIMIT)?;
        }
    }
    Ok(())
}
