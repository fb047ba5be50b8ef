//! Right: collects first, processes then, commits last. When the topic runs dry in the middle of ten, the orders at
//! hand are processed without waiting for more; the commit still waits for its ten.

use ex02_manual_commits_solution::{Done, Ending, collect, config, join};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut uncommitted = 0;
    while !shutdown.requested() {
        for (message, order) in collect(&consumer, &shutdown, 10 - uncommitted)? {
            if let Some(order) = order {
                downstream.call("process", &order)?;
                uncommitted += 1;
            }
            done.note(&message);
        }
        if uncommitted == 10 {
            done.commit(&consumer);
            uncommitted = 0;
        }
    }
    done.commit(&consumer);
    Ok(())
}
