//! Wrong: catches SIGTERM, and looks at it when there are no more orders.

use ex09_async_producer_solution::{WINDOW, service};

#[tokio::main]
async fn main() {
    let mut service = service();
    loop {
        let place = service.window.clone().acquire_owned().await.expect("the window is never closed");
        let Some(order) = service.orders.next() else { break };
        service.publish(order, place).await;
    }
    service.finish(WINDOW).await;
    if service.shutdown.requested() {
        println!("asked to stop");
    }
}
