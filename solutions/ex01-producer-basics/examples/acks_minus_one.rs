//! Right, with the old name and the old value of `acks=all`.

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("request.required.acks", "-1"), ("enable.idempotence", "true")]).await
}
