//! The mistake: each start has an id of its own, so it ends nothing that its predecessor has left open, and shuts nobody
//! out.

use ex12_transactions_solution::{Ending, config, id, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&format!("{}-{}", id(), std::process::id()))?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| transact(batch, downstream, &consumer, &producer))
}
