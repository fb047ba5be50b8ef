//! The mistake: the label is expected to be there, and to be a number.

use ex10_retry_topic_solution::{Ending, Label, Worker};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Ok(Label::of(&message)?);
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
