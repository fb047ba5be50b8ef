//! Wrong: the window is right, and the queueing is done by the tasks: they look something up first, and the quick ones
//! overtake.

use ex09_async_producer_solution::{WINDOW, queue, service, settle, tell};
use std::time::Duration;

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let (world, producer, topic) = (service.world.clone(), service.producer.clone(), service.topic.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(3 * u64::from(order.quantity))).await; // "look up the price"
            let queued = queue(&producer, &topic, &order).await;
            tell(&world, &order, settle(queued).await);
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
