//! The mistake: commits the offset of the last processed record instead of the next one to read, so that each start
//! processes one order per partition again, and the lag never reaches zero.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::message::Message;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order = parse(&message);
        if let Some(order) = &order {
            downstream.call("process", order)?;
            processed += 1;
        }
        done.note_offset(&message, message.offset()); // a list is committed as given: + 1 is missing
        if order.is_some() && processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    done.commit(&consumer);
    Ok(())
}
