//! Wrong: leaves the deadline at its default of five minutes, so that nobody hears of a cluster that takes nothing.

use ex15_acks_and_leaders_solution::{producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "all"), ("enable.idempotence", "true")]), word).await
}
