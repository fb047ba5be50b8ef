//! The mistake: payments have no key, so those of one customer lie anywhere, in no order.

use ex12_transactions_solution::{
    Ending, LIMIT, config, id, join, offsets, parse, payment, producer, send_offsets, serve,
};
use kit::Shutdown;
use rdkafka::producer::{BaseRecord, Producer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    serve(&shutdown, &consumer, &producer, |batch, downstream| {
        producer.begin_transaction()?;
        for message in batch {
            let Some(order) = parse(message) else { continue };
            downstream.call("approve", &order)?;
            let payment = payment(&order).to_string();
            let topic = kit::topic("payments");
            producer.send(BaseRecord::<(), str>::to(&topic).payload(&payment)).map_err(|(error, _)| error)?;
        }
        send_offsets(&offsets(batch, 1)?, &consumer, &producer)?;
        producer.commit_transaction(LIMIT)?;
        Ok(())
    })
}
