//! The mistake: whether `orders.retry` has taken the record, nobody looks.

use ex10_retry_topic_solution::{Ending, Label, Worker};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure).ok();
        }
        worker.commit(&message);
    }
    Ok(())
}
