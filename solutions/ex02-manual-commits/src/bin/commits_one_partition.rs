//! The mistake: counts to ten over all partitions, and then commits the tenth record. That is one partition's offset; what
//! was done in the others is not in it.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some(order) = parse(&message) {
            downstream.call("process", &order)?;
            processed += 1;
            if processed % 10 == 0
                && let Err(error) = consumer.commit_message(&message, CommitMode::Async)
            {
                eprintln!("not committed yet: {error}");
            }
        }
        done.note(&message);
    }
    done.commit(&consumer);
    Ok(())
}
