//! Wrong: hands in a payment again and again until it is acknowledged. Each try is a new record to Kafka, and there is no
//! end to it.

use ex15_acks_and_leaders_solution::{SAFE, Words, producer, queue, settle};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &payment).await;
        deliveries.push((payment, delivery));
    }
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        let mut report = settle(delivery).await;
        while report.is_err() {
            report = settle(queue(&producer, &payment).await).await;
        }
        words.say(&payment, "acknowledged");
    }
    words.status()
}
