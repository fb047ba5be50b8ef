//! The mistake: nothing is ever committed. The next start begins with the oldest order.

use ex08_batches_solution::{Ending, SIZE, config, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |_, batch, downstream| batch.hand_on(downstream))
}
