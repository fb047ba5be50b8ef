//! The mistake: switches auto-commit off and puts nothing in its place. Every start begins with the oldest order.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some(order) = parse(&message) {
            downstream.call("process", &order)?;
        }
    }
    Ok(())
}
