//! The mistake: what has been done is committed on revoke, but stays in the list, and is committed again later, when
//! the partition is somebody else's or has come back with more done in it.

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};

#[derive(Default)]
struct Forgetless(Done);

impl ClientContext for Forgetless {}

impl ConsumerContext for Forgetless {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            commit(consumer, &self.0.offsets());
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), Forgetless::default())?;
    let mut processed: u64 = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
        processed += 1;
        if processed.is_multiple_of(5) {
            consumer.commit(&consumer.context().0.offsets(), CommitMode::Async)?;
        }
    }
    Ok(())
}
