//! Wrong: looks for SIGTERM between two orders, and not while it waits for a place. So it takes one more when there is one.

use ex09_async_producer_solution::{WINDOW, service};

#[tokio::main]
async fn main() {
    let mut service = service();
    while !service.shutdown.requested() {
        let place = service.window.clone().acquire_owned().await.expect("the window is never closed");
        let Some(order) = service.orders.next() else { break };
        service.publish(order, place).await;
    }
    service.finish(WINDOW).await;
}
