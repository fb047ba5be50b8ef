//! The mistake: `?` on a commit. A refused one ends the program, though the next would cover what it left open.

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
        let order = parse(&message);
        if let Some(order) = &order {
            downstream.call("process", order)?;
            processed += 1;
        }
        done.note(&message);
        if order.is_some() && processed % 10 == 0 {
            consumer.commit(&done.offsets(), CommitMode::Sync)?;
        }
    }
    done.commit(&consumer);
    Ok(())
}
