//! Wrong: a failure gets a line in the log, and whoever placed the order hears nothing.

use ex09_async_producer_solution::{WINDOW, service, tell};

#[tokio::main]
async fn main() {
    let settled = |world: &_, order: &kit::Order, outcome: Result<(), _>, place| {
        match outcome {
            Ok(()) => tell(world, order, Ok::<(), String>(())),
            Err(error) => eprintln!("{} failed: {error}", order.order_id),
        }
        drop(place);
    };
    service().run_to(WINDOW, settled).await;
}
