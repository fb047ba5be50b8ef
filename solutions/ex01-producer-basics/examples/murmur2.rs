//! Right, with the partitioner of the Java client: other partitions, the same promise.

use ex01_producer_basics_solution::send_orders;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    send_orders(&[("acks", "all"), ("enable.idempotence", "true"), ("partitioner", "murmur2_random")]).await
}
