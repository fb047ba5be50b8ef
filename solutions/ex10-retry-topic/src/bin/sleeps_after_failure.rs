//! The mistake: what fails is passed on, and then the loop sleeps until its time. Every other order sleeps, too.

use ex10_retry_topic_solution::{Ending, Label, Worker, pause_before};
use std::time::Duration;

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
            if let Some(attempt) = failure.next {
                std::thread::sleep(Duration::from_millis(pause_before(attempt)));
            }
        }
        worker.commit(&message);
    }
    Ok(())
}
