//! The mistake: it reads records of transactions that were aborted, and makes payments of them.

use ex12_transactions_solution::{Ending, config, id, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(config().set("isolation.level", "read_uncommitted"))?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| transact(batch, downstream, &consumer, &producer))
}
