//! Wrong: makes the window as large as `max.in.flight.requests.per.connection`. That counts requests, not records.

use ex09_async_producer_solution::{config, service_with};

#[tokio::main]
async fn main() {
    service_with(&config(), 5).run(5).await;
}
