//! The mistake: commits after each record. Nothing is lost, and every order pays for a round trip of its own.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some(order) = parse(&message) {
            downstream.call("process", &order)?;
        }
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}
