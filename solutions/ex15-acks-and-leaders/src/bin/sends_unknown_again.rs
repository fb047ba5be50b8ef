//! Wrong: sends a payment again whose outcome is not known. If the first one was stored, it is paid twice.

use ex15_acks_and_leaders_solution::{SAFE, Words, producer, queue, settle, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer(SAFE);
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &payment).await;
        deliveries.push((payment, delivery));
    }
    let mut again = Vec::new();
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        match word(&settle(delivery).await) {
            "unknown" => {
                let delivery = queue(&producer, &payment).await;
                again.push((payment, delivery));
            }
            word => words.say(&payment, word),
        }
    }
    for (payment, delivery) in again {
        words.say(&payment, word(&settle(delivery).await));
    }
    words.status()
}
