//! Wrong: batches are off, "so that nothing waits".

use ex09_async_producer_solution::{WINDOW, config, service_with};

#[tokio::main]
async fn main() {
    let mut config = config();
    config.set("batch.num.messages", "1").set("linger.ms", "0");
    service_with(&config, WINDOW).run(WINDOW).await;
}
