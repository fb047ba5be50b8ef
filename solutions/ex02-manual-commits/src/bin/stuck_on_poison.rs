//! The mistake: tries a record that is not JSON again and again, as if that could help.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order = loop {
            match parse(&message) {
                Some(order) => break order,
                None if shutdown.requested() => return Ok(()),
                None => std::thread::sleep(Duration::from_millis(100)), // and once more
            }
        };
        downstream.call("process", &order)?;
        done.note(&message);
        processed += 1;
        if processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    done.commit(&consumer);
    Ok(())
}
