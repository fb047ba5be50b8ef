//! Wrong: waits for each outcome, frees the place, and tells nobody.

use ex09_async_producer_solution::{WINDOW, service};

#[tokio::main]
async fn main() {
    service().run_to(WINDOW, |_world, _order, _outcome, place| drop(place)).await;
}
