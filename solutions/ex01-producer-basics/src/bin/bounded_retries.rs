//! Wrong: bounds the retries by a number instead of by time, so a short outage uses them up and the orders are lost.

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "all"), ("enable.idempotence", "true"), ("retries", "3")]).await
}
