//! The newer group protocol (KIP-848), where the broker shares the partitions.

use ex08_batches_solution::{Ending, SIZE, deal, group, in_time, run};

fn main() -> Ending {
    let mut config = solutions_shared::config(&group());
    config.set("group.protocol", "consumer");
    run(&config, (SIZE, in_time), deal)
}
