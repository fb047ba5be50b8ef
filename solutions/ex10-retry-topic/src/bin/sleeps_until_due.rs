//! The mistake: a record of `orders.retry` that comes too early is waited for in the loop, asleep.

use ex10_retry_topic_solution::{Ending, Label, Worker, now};
use std::time::Duration;

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if let Ok(label) = &label {
            std::thread::sleep(Duration::from_millis(label.not_before.saturating_sub(now())));
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
