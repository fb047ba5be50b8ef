//! The mistake: the offset of the last record is sent, and not the next one. It comes again after each start.

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
        send_offsets(&offsets(batch, 0)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
        Ok(())
    })
}
