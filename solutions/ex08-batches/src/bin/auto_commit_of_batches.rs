//! The mistake: auto-commit is left on. The client commits by a timer of its own, whatever has become of the batch.

use ex08_batches_solution::{Ending, SIZE, config, group, in_time, run};

fn main() -> Ending {
    let mut config = config(&group());
    config.set("enable.auto.commit", "true");
    run(&config, (SIZE, in_time), |_, batch, downstream| batch.hand_on(downstream))
}
