//! The mistake: attempts are counted in a map. Another process, or this one after a restart, begins at one again.

use ex10_retry_topic_solution::{ATTEMPTS, Ending, Label, Worker};
use rdkafka::message::Message;
use std::collections::HashMap;

fn main() -> Ending {
    let worker = Worker::start()?;
    let mut attempts: HashMap<Vec<u8>, u32> = HashMap::new();
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let mut label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Ok(label) = &mut label {
            let count = attempts.entry(message.payload().unwrap_or_default().to_vec()).or_default();
            *count = (*count + 1).min(ATTEMPTS);
            label.attempt = *count;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
