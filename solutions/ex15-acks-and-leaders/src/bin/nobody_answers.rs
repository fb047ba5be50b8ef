//! Wrong: `acks=0` asks for no answer, so whatever happens to the payment, it counts as acknowledged.

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "0"), DEADLINE]), word).await
}
