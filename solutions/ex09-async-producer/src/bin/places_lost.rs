//! Wrong: the place of an order that has failed is not given back, and in the end it waits for all of them.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        let world = service.world.clone();
        tokio::spawn(async move {
            let outcome = settle(queued).await;
            match &outcome {
                Ok(()) => drop(place),
                Err(_) => place.forget(),
            }
            tell(&world, &order, outcome);
        });
    }
    service.finish(WINDOW).await;
}
