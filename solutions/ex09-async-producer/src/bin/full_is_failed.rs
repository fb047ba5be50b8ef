//! Wrong: takes a full queue for a refusal. It says so of each order, and has never tried one of them.

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
        let queued = service.producer.send_result(record).map_err(|(error, _record)| error);
        let world = service.world.clone();
        tasks.spawn(async move { tell(&world, &order, settle(queued).await) });
    }
    tasks.join_all().await;
}
