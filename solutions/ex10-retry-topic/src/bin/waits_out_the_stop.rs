//! The mistake: a thread of its own waits for records of `orders.retry`, asleep, and nobody wakes it at SIGTERM.

use ex10_retry_topic_solution::{Ending, Label, Worker, now};
use std::time::Duration;

fn main() -> Ending {
    let retries = std::thread::spawn(|| work("orders.retry").map_err(|error| error.to_string()));
    work("orders")?;
    retries.join().expect("the thread ends")?;
    Ok(())
}

fn work(topic: &str) -> Ending {
    let worker = Worker::reading(&[topic])?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if let Ok(label) = &label {
            std::thread::sleep(Duration::from_millis(label.not_before.saturating_sub(now())));
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
