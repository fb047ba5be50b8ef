//! The mistake: takes a moment without news for the end of the topic, and is gone when the next order comes.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use std::time::{Duration, Instant};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    let mut last = None;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else {
            if last.is_some_and(|last: Instant| last.elapsed() > Duration::from_millis(700)) {
                break; // nothing now is taken for nothing ever
            }
            continue;
        };
        last = Some(Instant::now());
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
