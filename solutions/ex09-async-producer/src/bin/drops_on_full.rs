//! Wrong: when the queue is full there is a line in the log, and the order is gone.

use ex09_async_producer_solution::{json, service, settle, tell};
use rdkafka::producer::FutureRecord;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut tasks = JoinSet::new();
    while !service.shutdown.requested() {
        let Some(order) = service.orders.next() else { break };
        let value = json(&order);
        let record = FutureRecord::to(&service.topic).key(&order.customer_id).payload(&value);
        match service.producer.send_result(record) {
            Ok(outcome) => {
                let world = service.world.clone();
                tasks.spawn(async move { tell(&world, &order, settle(Ok(outcome)).await) });
            }
            Err((error, _record)) => eprintln!("dropped {}: {error}", order.order_id),
        }
    }
    tasks.join_all().await;
}
