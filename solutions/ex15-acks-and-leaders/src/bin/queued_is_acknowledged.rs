//! Wrong: takes "queued" for "acknowledged", and says so at once. The flush at the end comes too late for the truth.

use ex15_acks_and_leaders_solution::{SAFE, Words, producer, queue};
use rdkafka::producer::Producer;
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let mut words = Words::default();
    for payment in kit::payments() {
        let queued = queue(&producer, &payment).await;
        words.say(&payment, if queued.is_ok() { "acknowledged" } else { "failed" });
    }
    producer.flush(Duration::from_secs(60)).ok();
    words.status()
}
