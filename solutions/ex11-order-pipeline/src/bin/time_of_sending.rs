//! The mistake: the timestamp says when the event was sent.

use ex11_order_pipeline_solution::{Ending, Pipeline, event, place, right, run};
use serde_json::json;

fn main() -> Ending {
    run(Pipeline { order, ..right() })
}

fn order() -> Ending {
    place(|basket| {
        let id = format!("placed-{}", basket.order_id);
        (basket.order_id.clone(), event("order.placed", id, &kit::now(), json!(basket)))
    })
}
