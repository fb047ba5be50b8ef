//! Wrong: the place of an order that has failed is not given back, and in the end it waits for all of them.

use ex09_async_producer_solution::{WINDOW, service, tell};

#[tokio::main]
async fn main() {
    let settled = |world: &_, order: &_, outcome: Result<(), _>, place: tokio::sync::OwnedSemaphorePermit| {
        match &outcome {
            Ok(()) => drop(place),
            Err(_) => place.forget(),
        }
        tell(world, order, outcome);
    };
    service().run_to(WINDOW, settled).await;
}
