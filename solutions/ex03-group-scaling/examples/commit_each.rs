//! Right, and not quick: a commit after each record, which waits for the answer. Nothing is left for the callback to do.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), HandOver::default())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
        // In the middle of a rebalance it may fail; then the callback commits, or the next record's commit does.
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}
