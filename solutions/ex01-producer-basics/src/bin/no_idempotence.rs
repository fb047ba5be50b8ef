//! Wrong: trusts that idempotence is on by default. In the Java client it is; in librdkafka it is not, and a lost
//! acknowledgement makes a duplicate.

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "all")]).await
}
