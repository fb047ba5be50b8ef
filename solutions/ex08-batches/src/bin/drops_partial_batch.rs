//! The mistake: SIGTERM ends the loop, and the orders of the open batch are thrown away.

use ex08_batches_solution::{Ending, SIZE, config, deal, get_batch, group, in_time, join};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    loop {
        let batch = get_batch(&consumer, &shutdown, SIZE, in_time)?;
        if shutdown.requested() {
            return Ok(()); // with a batch in hand
        }
        deal(&consumer, &batch, &downstream)?;
    }
}
