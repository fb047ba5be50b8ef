//! Right: also commits when partitions are taken away, in the callback of the rebalance. Leaving the group takes them
//! all away, so the commit at the end happens there, too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ex02_manual_commits_solution::{Done, Ending, config, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};

#[derive(Default)]
struct HandOver(Mutex<Done>);

impl HandOver {
    fn done(&self) -> MutexGuard<'_, Done> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for HandOver {}

impl ConsumerContext for HandOver {
    // Runs inside our own `poll`, or inside the drop: never while a record is half processed.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if matches!(rebalance, Rebalance::Revoke(_)) {
            self.done().commit(consumer);
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: BaseConsumer<HandOver> = config().create_with_context(HandOver::default())?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order = parse(&message);
        if let Some(order) = &order {
            downstream.call("process", order)?;
            processed += 1;
        }
        let done = &mut consumer.context().done();
        done.note(&message);
        if order.is_some() && processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    Ok(()) // dropping the consumer gives the partitions back, and that commits
}
