//! Wrong: takes an order and then waits for a place. SIGTERM ends the waiting, and the order is forgotten.

use ex09_async_producer_solution::{WINDOW, service};

#[tokio::main]
async fn main() {
    let mut service = service();
    while !service.shutdown.requested() {
        let Some(order) = service.orders.next() else { break };
        let Some(place) = service.place().await else { break };
        service.publish(order, place).await;
    }
    service.finish(WINDOW).await;
}
