//! The mistake: when its commit is refused, the whole batch is tried again, with the call that was answered with yes.

use ex08_batches_solution::{Ending, SIZE, config, group, in_time, run};
use std::thread::sleep;
use std::time::Duration;

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        for _ in 0..3 {
            batch.hand_on(downstream)?;
            if batch.commit(consumer) {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    })
}
