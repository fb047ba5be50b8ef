//! The mistake: commits after every hundredth record and on shutdown, and not when a partition is taken away. The next
//! owner repeats what was done since the last commit.

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{Consumer, DefaultConsumerContext};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), DefaultConsumerContext)?;
    let done = Done::default();
    let mut processed: u64 = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        done.note(&message);
        processed += 1;
        if processed.is_multiple_of(100) {
            commit(&consumer, &done.offsets());
        }
    }
    let mine = consumer.assignment()?;
    commit(&consumer, &done.hand_over(&mine));
    Ok(())
}
