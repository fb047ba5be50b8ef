//! Wrong: says that a payment has failed when it has only stopped waiting for the answer.

use ex15_acks_and_leaders_solution::{SAFE, producer, send_payments};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(SAFE), |report| if report.is_ok() { "acknowledged" } else { "failed" }).await
}
