//! Wrong: bounds the retries by a number, which is used up in the first moments of an outage.

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "all"), ("enable.idempotence", "true"), ("retries", "3"), DEADLINE]), word).await
}
