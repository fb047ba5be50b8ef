//! Wrong: outcomes are told a little later, and on SIGTERM it flushes and leaves: the last ones are told to nobody.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};
use rdkafka::producer::Producer;
use std::time::Duration;

#[tokio::main]
async fn main() {
    let mut service = service();
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        let world = service.world.clone();
        tokio::spawn(async move {
            let outcome = settle(queued).await;
            tokio::time::sleep(Duration::from_millis(300)).await; // "not so many calls at once"
            tell(&world, &order, outcome);
            drop(place);
        });
    }
    if !service.shutdown.requested() {
        return service.finish(WINDOW).await;
    }
    service.producer.flush(Duration::from_secs(60)).expect("all is settled");
    std::process::exit(0);
}
