//! Wrong: at each error it makes a new producer and sends the payment by that. Those behind it have overtaken it by then,
//! and to the broker it is a new record.

use ex15_acks_and_leaders_solution::{DEADLINE, Words, producer, queue, settle};
use std::process::ExitCode;

/// Each payment travels alone.
const SETTINGS: &[(&str, &str)] =
    &[("acks", "all"), ("enable.idempotence", "true"), ("batch.num.messages", "1"), DEADLINE];
/// It travels alone in any case, so what is there to number?
const ANOTHER: &[(&str, &str)] = &[("acks", "all"), ("delivery.timeout.ms", "1000")];

#[tokio::main]
async fn main() -> ExitCode {
    let first = producer(SETTINGS);
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&first, &payment).await;
        deliveries.push((payment, delivery));
    }
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        let mut report = settle(delivery).await;
        if report.is_err() {
            report = settle(queue(&producer(ANOTHER), &payment).await).await;
        }
        words.say(&payment, if report.is_ok() { "acknowledged" } else { "unknown" });
    }
    words.status()
}
