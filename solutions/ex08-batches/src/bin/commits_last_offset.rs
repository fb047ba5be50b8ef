//! The mistake: what is committed is the offset of the last record, and not that of the next.

use ex08_batches_solution::{Ending, SIZE, commit, config, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.hand_on(downstream)?;
        commit(consumer, &batch.next.iter().map(|(partition, next)| (*partition, next - 1)).collect());
        Ok(())
    })
}
