//! The mistake: the time is written and not looked at. What failed is tried again within milliseconds.

use ex10_retry_topic_solution::{Ending, Label, Worker};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        if let Err(failure) = worker.attempt(&message, Label::of(&message)) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
