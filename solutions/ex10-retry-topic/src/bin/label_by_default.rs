//! The mistake: without a label that can be read, it is the first attempt. So is the next one, if that label is lost, too.

use ex10_retry_topic_solution::{Ending, Label, Worker};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Ok(Label::of(&message).unwrap_or(Label { attempt: 1, not_before: 0 }));
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
