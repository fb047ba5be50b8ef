//! The mistake: the key is the customer, and inventory answers by the order.

use ex11_order_pipeline_solution::{Ending, Pipeline, event, place, right, run};
use serde_json::json;

fn main() -> Ending {
    run(Pipeline { order, ..right() })
}

fn order() -> Ending {
    place(|basket| {
        let id = format!("placed-{}", basket.order_id);
        (basket.customer_id.clone(), event("order.placed", id, &basket.placed_at, json!(basket)))
    })
}
