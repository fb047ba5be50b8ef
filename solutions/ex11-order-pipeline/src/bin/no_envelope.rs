//! The mistake: the order itself is published, and nothing says what it is.

use ex11_order_pipeline_solution::{Ending, Pipeline, place, right, run};
use serde_json::json;

fn main() -> Ending {
    run(Pipeline { order: || place(|basket| (basket.order_id.clone(), json!(basket))), ..right() })
}
