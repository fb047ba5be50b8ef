//! Wrong: takes fifty orders, waits until the last of them is settled, takes the next fifty.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while !service.shutdown.requested() {
        let portion: Vec<_> = service.orders.by_ref().take(WINDOW as usize).collect();
        if portion.is_empty() {
            break;
        }
        let mut open = Vec::new();
        for order in portion {
            let queued = service.queue(&order).await;
            open.push((order, queued));
        }
        for (order, queued) in open {
            tell(&service.world, &order, settle(queued).await);
        }
    }
}
