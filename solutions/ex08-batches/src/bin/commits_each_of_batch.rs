//! The mistake: one commit for each order, one after the other, when the batch is done.

use ex08_batches_solution::{Ending, SIZE, commit, config, group, in_time, run};
use std::collections::BTreeMap;

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.hand_on(downstream)?;
        // How many orders of a partition are still to be committed.
        let mut left: BTreeMap<i32, i64> = BTreeMap::new();
        batch.orders.iter().for_each(|(partition, _)| *left.entry(*partition).or_default() += 1);
        for (partition, _) in &batch.orders {
            let left = left.entry(*partition).and_modify(|left| *left -= 1).or_default();
            commit(consumer, &BTreeMap::from([(*partition, batch.next[partition] - *left)]));
        }
        batch.commit(consumer);
        Ok(())
    })
}
