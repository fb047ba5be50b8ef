//! Wrong: `acks=1` is satisfied when the leader has the payment, which is gone with the leader. (Idempotence excludes it.)

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "1"), DEADLINE]), word).await
}
