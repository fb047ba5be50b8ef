//! Wrong: a failure gets a line in the log, and whoever placed the order hears nothing.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        let world = service.world.clone();
        tokio::spawn(async move {
            match settle(queued).await {
                Ok(()) => tell(&world, &order, Ok::<(), String>(())),
                Err(error) => eprintln!("{} failed: {error}", order.order_id),
            }
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
