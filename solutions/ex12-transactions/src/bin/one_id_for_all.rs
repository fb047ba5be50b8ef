//! The mistake: all instances have the same id. Each start shuts the others out.

use ex12_transactions_solution::{Ending, config, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&kit::group("payment-service"))?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| transact(batch, downstream, &consumer, &producer))
}
