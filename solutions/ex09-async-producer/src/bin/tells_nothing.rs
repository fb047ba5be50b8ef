//! Wrong: waits for each outcome, frees the place, and tells nobody.

use ex09_async_producer_solution::{WINDOW, service, settle};

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        tokio::spawn(async move {
            let _ = settle(queued).await;
            drop(place);
        });
    }
    service.finish(WINDOW).await;
}
