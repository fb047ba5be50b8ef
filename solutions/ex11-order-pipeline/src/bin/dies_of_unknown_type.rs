//! The mistake: one enum for all types, and a type that it does not name is an error.

use ex11_order_pipeline_solution::{Ending, Pipeline, Read, Reading, right, run};
use kit::Basket;
use rdkafka::message::{BorrowedMessage, Message};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(tag = "event_type", content = "data")]
enum Event {
    #[serde(rename = "order.placed")]
    Placed(Basket),
}

fn main() -> Ending {
    let reading = Reading { placed, ..right().reading };
    run(Pipeline { reading, ..right() })
}

fn placed(message: &BorrowedMessage<'_>) -> Read {
    let Ok(value) = serde_json::from_slice::<Value>(message.payload().unwrap_or_default()) else { return Ok(None) };
    let Some(id) = value["event_id"].as_str().map(str::to_owned) else { return Ok(None) };
    let broken = value["event_type"] == "order.placed" && value["data"]["items"].as_array().is_none();
    if broken {
        return Ok(None);
    }
    let Event::Placed(order) = serde_json::from_value(value)?;
    Ok(Some((id, order)))
}
