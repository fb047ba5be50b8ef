//! The mistake: the order service ends while its events wait to be sent.

use ex11_order_pipeline_solution::{Ending, Pipeline, event, right, run};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::json;

fn main() -> Ending {
    run(Pipeline { order, ..right() })
}

fn order() -> Ending {
    let producer: FutureProducer = kit::config().set("linger.ms", "2000").create()?;
    let topic = kit::topic("orders");
    for basket in kit::baskets() {
        let id = format!("placed-{}", basket.order_id);
        let value = event("order.placed", id, &basket.placed_at, json!(basket)).to_string();
        producer
            .send_result(FutureRecord::to(&topic).key(&basket.order_id).payload(&value))
            .map_err(|(error, _)| error)?;
    }
    Ok(())
}
