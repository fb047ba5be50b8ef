//! Right, with larger and compressed batches.

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "all"), ("enable.idempotence", "true"), ("compression.type", "zstd"), ("linger.ms", "50")])
        .await
}
