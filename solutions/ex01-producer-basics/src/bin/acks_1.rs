//! Wrong: `acks=1` is satisfied when the leader has the order, which dies with the leader before anybody copied it.
//! (Idempotence stays off because the two exclude each other.)

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "1")]).await
}
