//! The mistake: the offset is committed first, and then the record is passed on. Killed in between, it is gone.

use ex10_retry_topic_solution::{Ending, Label, Worker};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        let attempt = worker.attempt(&message, label);
        worker.commit(&message);
        if let Err(failure) = attempt {
            worker.pass_on(&message, &failure)?;
        }
    }
    Ok(())
}
