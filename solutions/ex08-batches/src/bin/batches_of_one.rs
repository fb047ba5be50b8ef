//! The mistake: every order is a batch of its own.

use ex08_batches_solution::{Ending, config, deal, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (1, in_time), deal)
}
