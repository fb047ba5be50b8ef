//! The mistake: each hop writes where *it* found the record. The letter says that it came from `orders.retry`.

use ex10_retry_topic_solution::{Ending, Label, Worker, history, is_label};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            let headers = history(&message, &failure.error, |name| is_label(name) || name.starts_with("original_"));
            worker.pass_on_with(&message, &failure, headers)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
