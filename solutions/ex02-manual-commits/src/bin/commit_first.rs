//! The mistake: collects ten orders, commits them, and processes them afterwards. Killed in between, the rest of the
//! ten is lost: at most once.

use ex02_manual_commits_solution::{Done, Ending, collect, config, join, orders};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut uncommitted = 0;
    while !shutdown.requested() {
        let batch = collect(&consumer, &shutdown, 10 - uncommitted)?;
        batch.iter().for_each(|(message, _)| done.note(message));
        uncommitted += orders(&batch);
        if uncommitted == 10 || shutdown.requested() {
            done.commit(&consumer); // promises what the lines below have yet to do
            uncommitted = 0;
        }
        for order in batch.iter().filter_map(|(_, order)| order.as_ref()) {
            downstream.call("process", order)?;
        }
    }
    done.commit(&consumer);
    Ok(())
}
