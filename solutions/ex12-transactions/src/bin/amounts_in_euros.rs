//! The mistake: amounts are floating-point numbers of euros.

use ex12_transactions_solution::{
    Ending, LIMIT, config, id, join, offsets, parse, producer, send, send_offsets, serve,
};
use kit::Shutdown;
use rdkafka::producer::Producer;
use serde_json::json;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        producer.begin_transaction()?;
        for message in batch {
            let Some(order) = parse(message) else { continue };
            downstream.call("approve", &order)?;
            let amount = order.price_cents as f32 / 100.0 * order.quantity as f32;
            let payment =
                json!({"order_id": order.order_id, "customer_id": order.customer_id, "amount_cents": amount * 100.0});
            send(&producer, message, &payment)?;
        }
        send_offsets(&offsets(batch, 1)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
        Ok(())
    })
}
