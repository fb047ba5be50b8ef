//! The mistake: the payments are in a transaction, and the offsets are nowhere. After each start everything comes again.

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, pay, producer, serve};
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
        Ok(())
    })
}
