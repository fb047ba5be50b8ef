//! Wrong: counts what failed, reports it, and ends with status 0 all the same.

use ex01_producer_basics_solution::{SAFE, send_orders};

#[tokio::main]
async fn main() {
    send_orders(SAFE).await;
}
