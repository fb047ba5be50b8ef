//! The mistake: the offset is committed, and then the order is counted.

use ex11_order_pipeline_solution::{Ending, Pipeline, Reading, add, commit, join, next, open_totals, right, run};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::DefaultConsumerContext;

fn main() -> Ending {
    run(Pipeline { analytics, ..right() })
}

fn analytics(reading: &Reading) -> Ending {
    let shutdown = Shutdown::listen();
    let mut database = open_totals(&Downstream::connect())?;
    let consumer = join(&(reading.config)("analytics"), "orders", DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        commit(&consumer, &message);
        let Some((event_id, order)) = (reading.placed)(&message)? else { continue };
        let transaction = database.transaction()?;
        if transaction.execute("INSERT INTO counted VALUES (?1) ON CONFLICT DO NOTHING", [event_id])? == 1 {
            for item in &order.items {
                add(&transaction, item, item.quantity * item.price_cents)?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}
