//! Wrong: waits for each delivery report and does not look at what it says.

use ex15_acks_and_leaders_solution::{SAFE, producer, send_payments};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(SAFE), |_report| "acknowledged").await
}
