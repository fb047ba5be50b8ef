//! Wrong: `send(…).await` in the loop that takes orders. It is async, and does one thing at a time.

use ex09_async_producer_solution::{service, settle, tell};

#[tokio::main]
async fn main() {
    let mut service = service();
    while !service.shutdown.requested() {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        tell(&service.world, &order, settle(queued).await);
    }
}
