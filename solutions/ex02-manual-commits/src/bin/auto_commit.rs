//! The mistake: leaves `enable.auto.commit` on. A timer commits whatever `poll` has handed out, every 5 s, processed
//! or not, and the close commits even records that it throws away.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("enable.auto.commit"))?; // the default is "true"
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some(order) = parse(&message) {
            downstream.call("process", &order)?;
        }
    }
    Ok(())
}
