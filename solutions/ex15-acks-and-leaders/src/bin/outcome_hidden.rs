//! Wrong: says of each payment what became of it, and ends with status 0 whatever that was.

use ex15_acks_and_leaders_solution::{SAFE, producer, send_payments, word};

#[tokio::main]
async fn main() {
    send_payments(producer(SAFE), word).await;
}
