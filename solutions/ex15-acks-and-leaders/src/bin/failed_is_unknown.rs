//! Wrong: says "unknown" of each payment that was not acknowledged, also where the broker has refused it for good.

use ex15_acks_and_leaders_solution::{SAFE, producer, send_payments};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(SAFE), |report| if report.is_ok() { "acknowledged" } else { "unknown" }).await
}
