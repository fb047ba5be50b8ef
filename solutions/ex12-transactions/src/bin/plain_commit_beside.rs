//! The mistake: the consumer commits as well. That commit is in no transaction, and nothing takes it back.

use ex12_transactions_solution::{Ending, config, id, join, offsets, producer, serve, transact};
use kit::Shutdown;
use rdkafka::consumer::{CommitMode, Consumer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        transact(batch, downstream, &consumer, &producer)?;
        consumer.commit(&offsets(batch, 1)?, CommitMode::Sync)?;
        Ok(())
    })
}
