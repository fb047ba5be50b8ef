//! The mistake: a batch is committed when it is complete, and handed on then.

use ex08_batches_solution::{Ending, SIZE, config, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.commit(consumer);
        batch.hand_on(downstream)
    })
}
