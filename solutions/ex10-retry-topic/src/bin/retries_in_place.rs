//! The mistake: it tries again where it stands, as in ex5, and only what has failed three times leaves the topic.

use ex10_retry_topic_solution::{ATTEMPTS, Ending, Label, Worker, pause_before};
use std::time::Duration;

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let mut label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        let failure = loop {
            match worker.attempt(&message, label) {
                Err(failure) if failure.next.is_some() => {
                    let attempt = failure.next.unwrap_or(ATTEMPTS);
                    std::thread::sleep(Duration::from_millis(pause_before(attempt)));
                    label = Ok(Label { attempt, not_before: 0 });
                }
                ended => break ended.err(),
            }
        };
        if let Some(failure) = failure {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
