//! Wrong: hears SIGTERM, and leaves, with fifty orders on their way.

use ex09_async_producer_solution::{WINDOW, service};
use rdkafka::producer::{Producer, PurgeConfig};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        service.publish(order, place).await;
    }
    if !service.shutdown.requested() {
        return service.finish(WINDOW).await;
    }
    // What is left would go on being tried while the producer is dropped.
    service.producer.purge(PurgeConfig::default().queue().inflight());
    std::process::exit(0);
}
