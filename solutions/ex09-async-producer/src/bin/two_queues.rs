//! Wrong: a channel with fifty places, and behind it a window of fifty. Each has its bound, and together they hold a
//! hundred.

use ex09_async_producer_solution::{WINDOW, service};
use kit::{Downstream, Order};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    let service = service();
    let (sender, mut taken) = mpsc::channel::<Order>(WINDOW as usize);
    let (shutdown, world): (_, Downstream) = (service.shutdown.clone(), service.world.clone());
    let taking = tokio::task::spawn_blocking(move || {
        for order in kit::incoming(&world) {
            sender.blocking_send(order).expect("somebody publishes");
            if shutdown.requested() {
                return;
            }
        }
    });
    while let Some(order) = taken.recv().await {
        let place = service.window.clone().acquire_owned().await.expect("the window is never closed");
        service.publish(order, place).await;
    }
    taking.await.expect("it has taken all");
    service.finish(WINDOW).await;
}
