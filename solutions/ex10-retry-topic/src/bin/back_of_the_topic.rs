//! The mistake: what comes too early is put to the back of the topic, again and again until its time has come.

use ex10_retry_topic_solution::{Ending, Label, Worker, now, send, wait};
use rdkafka::message::Message;

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if label.as_ref().is_ok_and(|label| label.not_before > now()) {
            let headers = message.headers().map(|headers| headers.detach()).unwrap_or_default();
            wait(send(&worker.producer, "orders.retry", &message, headers))?;
        } else if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
