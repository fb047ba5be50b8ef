//! The mistake: both clients are always in one group, also where each is to see everything.

use ex08_batches_solution::{Ending, SIZE, config, deal, in_time, run};

fn main() -> Ending {
    run(&config("shared"), (SIZE, in_time), deal)
}
