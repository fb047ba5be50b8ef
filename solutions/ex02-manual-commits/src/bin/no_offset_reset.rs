//! The mistake: leaves `auto.offset.reset` alone. A new group then begins at the end: whatever was there before is never
//! read.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("auto.offset.reset"))?; // the default is "latest"
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
            done.commit(&consumer);
        }
    }
    done.commit(&consumer);
    Ok(())
}
