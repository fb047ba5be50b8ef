//! Wrong: at fifty it pauses, and takes no more until half of the places are free.

use ex09_async_producer_solution::{WINDOW, service};

#[tokio::main]
async fn main() {
    let mut service = service();
    'orders: while !service.shutdown.requested() {
        if service.window.available_permits() == 0 {
            // "Resume": half of the window at once, and given back at once.
            tokio::select! {
                () = service.shutdown.wait() => break 'orders,
                half = service.window.acquire_many(WINDOW / 2) => drop(half),
            }
        }
        let Some(place) = service.place().await else { break };
        let Some(order) = service.orders.next() else { break };
        service.publish(order, place).await;
    }
    service.finish(WINDOW).await;
}
