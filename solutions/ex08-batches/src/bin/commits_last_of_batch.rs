//! The mistake: only the last record of a batch is committed. That is one partition; the batch had records of several.

use ex08_batches_solution::{Ending, SIZE, commit, config, group, in_time, run};
use std::collections::BTreeMap;

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.hand_on(downstream)?;
        if let Some((partition, _)) = batch.orders.last() {
            commit(consumer, &BTreeMap::from([(*partition, batch.next[partition])]));
        }
        Ok(())
    })
}
