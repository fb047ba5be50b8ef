//! The mistake: an order that cannot be approved is left out, and the transaction is committed with its offset.

use ex12_transactions_solution::{
    Ending, LIMIT, config, id, join, offsets, parse, payment, producer, send, send_offsets, serve,
};
use kit::Shutdown;
use rdkafka::producer::Producer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        producer.begin_transaction()?;
        for message in batch {
            let Some(order) = parse(message) else { continue };
            match downstream.call("approve", &order) {
                Ok(_) => send(&producer, message, &payment(&order))?,
                Err(refused) => eprintln!("{}: {refused}", order.order_id),
            }
        }
        send_offsets(&offsets(batch, 1)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
        Ok(())
    })
}
