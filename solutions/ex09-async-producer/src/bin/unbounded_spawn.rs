//! Wrong: a task for each order, as fast as they come. The client's queue is small, and the tasks before it are without
//! number.

use ex09_async_producer_solution::{queue, service, settle, tell};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut tasks = JoinSet::new();
    while !service.shutdown.requested() {
        let Some(order) = service.orders.next() else { break };
        let (world, producer, topic) = (service.world.clone(), service.producer.clone(), service.topic.clone());
        tasks.spawn(async move {
            let queued = queue(&producer, &topic, &order).await;
            tell(&world, &order, settle(queued).await);
        });
    }
    tasks.join_all().await;
}
