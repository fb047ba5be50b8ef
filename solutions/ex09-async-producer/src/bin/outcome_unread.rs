//! Wrong: waits for the report of each order, and does not look at what it says.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        let world = service.world.clone();
        tokio::spawn(async move {
            let _ = settle(queued).await;
            tell(&world, &order, Ok::<(), String>(()));
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
