//! The mistake: payments in one transaction, offsets in the next. Killed in between, the orders are paid twice.

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, offsets, pay, producer, send_offsets, serve};
use kit::Shutdown;
use rdkafka::producer::Producer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        producer.begin_transaction()?;
        pay(batch, downstream, &producer)?;
        producer.commit_transaction(LIMIT)?;
        producer.begin_transaction()?;
        send_offsets(&offsets(batch, 1)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
        Ok(())
    })
}
