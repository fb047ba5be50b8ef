//! The mistake: nobody listens for SIGTERM, so it ends the program on the spot.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::Downstream;

fn main() -> Ending {
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    loop {
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
}
