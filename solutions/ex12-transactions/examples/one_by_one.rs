//! One order a transaction: slow, and right.

use ex12_transactions_solution::{Ending, config, id, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        batch.chunks(1).try_for_each(|one| transact(one, downstream, &consumer, &producer))
    })
}
