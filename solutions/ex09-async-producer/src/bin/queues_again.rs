//! Wrong: what failed is put into the queue once more. The client had tried for as long as that makes sense.

use ex09_async_producer_solution::{WINDOW, queue, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        let (world, producer, topic) = (service.world.clone(), service.producer.clone(), service.topic.clone());
        tokio::spawn(async move {
            let mut outcome = settle(queued).await;
            while outcome.is_err() {
                outcome = settle(queue(&producer, &topic, &order).await).await;
            }
            tell(&world, &order, outcome);
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
