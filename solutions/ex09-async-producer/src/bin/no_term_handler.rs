//! Wrong: does not listen for SIGTERM, so it ends on the spot.

use ex09_async_producer_solution::{WINDOW, config, queue, settle, tell};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::sync::Arc;
use tokio::sync::Semaphore;

#[tokio::main]
async fn main() {
    let world = Downstream::connect();
    let producer: FutureProducer = config().create().expect("the settings make a producer");
    let (topic, window) = (kit::topic("orders"), Arc::new(Semaphore::new(WINDOW as usize)));
    let mut orders = kit::incoming(&world);
    loop {
        let place = window.clone().acquire_owned().await.expect("the window is never closed");
        let Some(order) = orders.next() else { break };
        let queued = queue(&producer, &topic, &order).await;
        let world = world.clone();
        tokio::spawn(async move {
            tell(&world, &order, settle(queued).await);
            drop(place);
        });
    }
    let _all = window.acquire_many(WINDOW).await.expect("the window is never closed");
}
