//! Wrong: `acks=0` asks for no answer, so what the broker refused, or never got, counts as delivered.
//! (Idempotence stays off because the two exclude each other.)

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "0")]).await
}
