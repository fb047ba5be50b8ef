//! The mistake: the time is written and read in seconds. Pauses of 200 and 400 ms are none then.

use ex10_retry_topic_solution::{Ending, Failure, Label, Worker, history, is_label, now, number, send, wait, with};
use rdkafka::message::{BorrowedMessage, Message};

fn main() -> Ending {
    let worker = Worker::start()?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = label(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        match worker.attempt(&message, label) {
            Err(failure @ Failure { next: Some(attempt), .. }) => {
                let headers = with(history(&message, &failure.error, is_label), "attempt", attempt);
                let headers = with(headers, "not_before", now() / 1000);
                wait(send(&worker.producer, "orders.retry", &message, headers))?;
            }
            Err(failure) => worker.pass_on(&message, &failure)?,
            Ok(()) => {}
        }
        worker.commit(&message);
    }
    Ok(())
}

fn label(message: &BorrowedMessage<'_>) -> Result<Label, String> {
    let label = Label::of(message)?;
    if message.topic() == kit::topic("orders") {
        return Ok(label);
    }
    Ok(Label { not_before: number(message, "not_before")? * 1000, ..label })
}
