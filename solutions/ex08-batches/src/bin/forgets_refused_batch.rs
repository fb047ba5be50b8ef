//! The mistake: a commit that was refused is logged, and forgotten.

use ex08_batches_solution::{Ending, SIZE, commit_now, config, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.hand_on(downstream)?;
        commit_now(consumer, &batch.next);
        Ok(())
    })
}
