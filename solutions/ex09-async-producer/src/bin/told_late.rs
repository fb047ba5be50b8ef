//! Wrong: looks at no outcome before all orders have been taken. Then a flush, and all is told at once.

use ex09_async_producer_solution::{service, settle, tell};
use rdkafka::producer::Producer;
use std::time::Duration;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut all = Vec::new();
    while !service.shutdown.requested() {
        let Some(order) = service.orders.next() else { break };
        // The producer's queue has fifty places, and that is the window.
        let queued = service.queue(&order).await;
        all.push((order, queued));
    }
    service.producer.flush(Duration::from_secs(60)).expect("all is settled");
    for (order, queued) in all {
        tell(&service.world, &order, settle(queued).await);
    }
}
