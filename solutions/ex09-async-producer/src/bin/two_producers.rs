//! Wrong: two producers in turn, "to share the load". Neither knows what the other has of a customer's orders.

use ex09_async_producer_solution::{WINDOW, config, service};
use rdkafka::producer::FutureProducer;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut other: FutureProducer = config().create().expect("the settings make a producer");
    while let Some(place) = service.place().await {
        let Some(order) = service.orders.next() else { break };
        service.publish(order, place).await;
        std::mem::swap(&mut service.producer, &mut other);
    }
    service.finish(WINDOW).await;
}
