//! The mistake: what cannot be read ends the program, and it is there again after the restart.

use ex11_order_pipeline_solution::{Ending, Pipeline, Read, Reading, right, run};
use rdkafka::message::{BorrowedMessage, Message};
use serde_json::Value;

fn main() -> Ending {
    let reading = Reading { placed, ..right().reading };
    run(Pipeline { reading, ..right() })
}

fn placed(message: &BorrowedMessage<'_>) -> Read {
    let event: Value = serde_json::from_slice(message.payload().unwrap_or_default())?;
    if event["event_type"] != "order.placed" {
        return Ok(None);
    }
    let id = event["event_id"].as_str().ok_or("no event_id")?;
    Ok(Some((id.to_owned(), serde_json::from_value(event["data"].clone())?)))
}
