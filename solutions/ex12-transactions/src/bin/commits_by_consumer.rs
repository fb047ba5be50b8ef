//! The mistake: the payments are in a transaction, and the offsets are committed behind it. Killed in between, the orders
//! are paid twice.

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, offsets, pay, producer, serve};
use kit::Shutdown;
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::producer::Producer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        producer.begin_transaction()?;
        pay(batch, downstream, &producer)?;
        producer.commit_transaction(LIMIT)?;
        consumer.commit(&offsets(batch, 1)?, CommitMode::Sync)?;
        Ok(())
    })
}
