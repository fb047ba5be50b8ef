//! The mistake: on SIGTERM the open batch is thrown away, and the last commit is the position, which lies behind it.

use ex08_batches_solution::{Ending, SIZE, config, deal, get_batch, group, in_time, join};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    loop {
        let batch = get_batch(&consumer, &shutdown, SIZE, in_time)?;
        if shutdown.requested() {
            batch.commit(&consumer);
            return Ok(());
        }
        deal(&consumer, &batch, &downstream)?;
    }
}
