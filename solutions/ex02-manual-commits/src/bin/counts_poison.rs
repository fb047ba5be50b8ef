//! The mistake: counts to ten over all records, those that it skips included.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};

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
        }
        done.note(&message);
        processed += 1; // a skipped record, too
        if processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    done.commit(&consumer);
    Ok(())
}
