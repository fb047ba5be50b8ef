//! Wrong: a window of fifty outcomes, of which the oldest is awaited first. Whatever it waits for, the others wait for, too.

use ex09_async_producer_solution::{WINDOW, service, settle, tell};
use std::collections::VecDeque;

#[tokio::main]
async fn main() {
    let mut service = service();
    let mut open = VecDeque::new();
    while !service.shutdown.requested() {
        if open.len() >= WINDOW as usize
            && let Some((order, queued)) = open.pop_front()
        {
            tell(&service.world, &order, settle(queued).await);
            continue;
        }
        let Some(order) = service.orders.next() else { break };
        let queued = service.queue(&order).await;
        open.push_back((order, queued));
    }
    for (order, queued) in open {
        tell(&service.world, &order, settle(queued).await);
    }
}
