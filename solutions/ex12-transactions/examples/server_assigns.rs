//! A member of a group in the protocol of KIP-848.

use ex12_transactions_solution::{Ending, config, id, join, producer, serve, transact};
use kit::Shutdown;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(config().set("group.protocol", "consumer"))?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| transact(batch, downstream, &consumer, &producer))
}
