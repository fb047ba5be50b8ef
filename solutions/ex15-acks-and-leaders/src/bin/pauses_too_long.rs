//! Wrong: pauses for longer before its second try than it may try at all, so that a leader that moves is not followed.

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let pause = [("retry.backoff.ms", "10000"), ("retry.backoff.max.ms", "10000")];
    send_payments(producer(&[("acks", "all"), ("enable.idempotence", "true"), DEADLINE, pause[0], pause[1]]), word)
        .await
}
