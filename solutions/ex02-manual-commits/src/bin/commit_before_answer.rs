//! The mistake: takes note of an order, and commits, before its call has been answered.

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
        let order = parse(&message);
        done.note(&message);
        processed += i32::from(order.is_some());
        if order.is_some() && processed % 10 == 0 {
            done.commit(&consumer); // this order is not processed yet
        }
        if let Some(order) = &order {
            downstream.call("process", order)?;
        }
    }
    done.commit(&consumer);
    Ok(())
}
