//! Right: the window is a set of futures that the one loop owns. While it is full, the loop waits for the next that is done.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut open = JoinSet::new();
    while !service.shutdown.requested() {
        if open.len() >= WINDOW as usize {
            let (order, outcome) = open.join_next().await.expect("it is full").expect("it does not panic");
            tell(&service.world, &order, outcome);
            continue; // somebody may have asked to stop meanwhile
        }
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        open.spawn(async move { (order, settle(queued).await) });
    }
    while let Some(settled) = open.join_next().await {
        let (order, outcome) = settled.expect("it does not panic");
        tell(&service.world, &order, outcome);
    }
}
