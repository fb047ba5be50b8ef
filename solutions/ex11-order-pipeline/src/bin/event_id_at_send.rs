//! The mistake: the id is made when the event is sent, so each time that it is sent it has another one.

use ex11_order_pipeline_solution::{Ending, Pipeline, event, place, right, run};
use serde_json::json;
use std::time::SystemTime;

fn main() -> Ending {
    run(Pipeline { order, ..right() })
}

fn order() -> Ending {
    place(|basket| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let id = format!("{}-{now}", basket.order_id);
        (basket.order_id.clone(), event("order.placed", id, &basket.placed_at, json!(basket)))
    })
}
