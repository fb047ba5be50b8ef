//! Wrong: the client may try for half a second, so that nothing hangs. A slow Kafka takes longer.

use ex09_async_producer_solution::{WINDOW, config, service_with};

#[tokio::main]
async fn main() {
    let mut config = config();
    config.set("delivery.timeout.ms", "500");
    // As clients do by themselves, so that an outage takes longer than that.
    config.set("retry.backoff.ms", "200").set("retry.backoff.max.ms", "1000");
    service_with(&config, WINDOW).run(WINDOW).await;
}
