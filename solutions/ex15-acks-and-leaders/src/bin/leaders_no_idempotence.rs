//! Wrong: leaves idempotence off, so that a batch whose answer was lost with its leader is stored twice.

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "all"), DEADLINE]), word).await
}
