//! The mistake: the new label is appended to the old one, and the first one is read. It says 2 for ever.

use ex10_retry_topic_solution::{Ending, Label, Worker, history};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            let headers = history(&message, &failure.error, |_| false);
            worker.pass_on_with(&message, &failure, headers)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
