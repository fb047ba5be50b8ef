//! The mistake: a batch ends with its time alone, however large it has become.

use ex08_batches_solution::{Ending, config, deal, group, in_time, run};

fn main() -> Ending {
    run(&config(&group()), (usize::MAX, in_time), deal)
}
