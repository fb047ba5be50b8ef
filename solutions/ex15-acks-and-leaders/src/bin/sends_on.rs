//! Wrong: its own clock says when to give up, and the client knows nothing of it: it goes on sending what the program has
//! called unknown.

use ex15_acks_and_leaders_solution::{Words, producer, queue, settle, word};
use rdkafka::producer::Producer;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(&[("acks", "all"), ("enable.idempotence", "true")]);
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &payment).await;
        deliveries.push((payment, delivery));
    }
    let deadline = Instant::now() + Duration::from_secs(3);
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        let report = timeout_at(deadline, settle(delivery)).await;
        words.say(&payment, report.map_or("unknown", |report| word(&report)));
    }
    // "Clean up": whatever is still in the queue has its chance.
    if let Err(error) = producer.flush(Duration::from_secs(10)) {
        eprintln!("left in the queue: {error}");
    }
    words.status()
}
