//! The mistake: all that was ever done is committed with each batch, of partitions, too, that have gone.

use ex08_batches_solution::{Ending, SIZE, commit_now, config, group, in_time, run};
use std::cell::RefCell;
use std::collections::BTreeMap;

fn main() -> Ending {
    let ever: RefCell<BTreeMap<i32, i64>> = RefCell::default(); // nobody takes out of it what goes
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        batch.hand_on(downstream)?;
        let mut ever = ever.borrow_mut();
        ever.extend(&batch.next);
        if !batch.next.is_empty() && !commit_now(consumer, &ever) {
            batch.commit(consumer); // what is refused is made again before anything goes
        }
        Ok(())
    })
}
