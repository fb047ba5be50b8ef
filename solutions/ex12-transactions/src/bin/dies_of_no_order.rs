//! The mistake: a record that is no order ends the program, and comes again after each restart.

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, offsets, payment, producer, send, send_offsets};
use kit::Order;
use kit::{Downstream, Shutdown};
use rdkafka::message::Message;
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let batch = ex12_transactions_solution::next(&consumer, 100)?;
        if batch.is_empty() {
            continue;
        }
        producer.begin_transaction()?;
        for message in &batch {
            let order: Order = serde_json::from_slice(message.payload().unwrap_or_default())?;
            downstream.call("approve", &order)?;
            send(&producer, message, &payment(&order))?;
        }
        send_offsets(&offsets(&batch, 1)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
    }
    Ok(())
}
