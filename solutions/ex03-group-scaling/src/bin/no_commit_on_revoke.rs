//! The mistake: commits after every hundredth record and on shutdown, and not when a partition is taken away. The next
//! owner repeats what was done since the last commit.

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};

#[derive(Default)]
struct Forgets(Done);

impl ClientContext for Forgets {}

impl ConsumerContext for Forgets {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            self.0.hand_over(going); // and commits nothing of it
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), Forgets::default())?;
    let done = &consumer.context().0;
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
    commit(&consumer, &done.offsets());
    Ok(())
}
