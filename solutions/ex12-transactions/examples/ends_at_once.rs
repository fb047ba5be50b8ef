//! Whatever goes wrong ends the program. The next start ends what this one leaves open, and begins at the committed
//! offsets: that is a way back, too.

use ex12_transactions_solution::{Ending, config, id, join, next, producer, transact};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let batch = next(&consumer, 100)?;
        if !batch.is_empty() {
            transact(&batch, &downstream, &consumer, &producer)?;
        }
    }
    Ok(())
}
