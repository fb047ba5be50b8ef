//! Wrong: an order is told to be delivered when it is queued. The queue took it; Kafka has not been asked.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        tell(&service.world, &order, queued.as_ref().map(|_| ()));
        tokio::spawn(async move {
            let _ = settle(queued).await;
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
