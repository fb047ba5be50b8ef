//! Wrong: takes the first refusal for the last word, although it passes by itself.

use ex15_acks_and_leaders_solution::{DEADLINE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_payments(producer(&[("acks", "all"), ("retries", "0"), ("max.in.flight", "1"), DEADLINE]), word).await
}
