//! The mistake: each record starts the clock anew. As long as records keep coming, the first one waits until the batch is full.

use ex08_batches_solution::{Ending, MAX_WAIT, SIZE, config, deal, group, run};

fn main() -> Ending {
    run(&config(&group()), (SIZE, |_, last| Some(last + MAX_WAIT)), deal)
}
