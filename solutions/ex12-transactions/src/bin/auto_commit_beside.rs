//! The mistake: enable.auto.commit is left on, so the consumer commits its position, whatever becomes of the transaction.

use ex12_transactions_solution::{Ending, config, id, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(config().set("enable.auto.commit", "true"))?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| transact(batch, downstream, &consumer, &producer))
}
