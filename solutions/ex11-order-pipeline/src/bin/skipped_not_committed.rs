//! The mistake: what is skipped is not committed, and comes again after each restart.

use ex11_order_pipeline_solution::{Ending, Pipeline, Reading, add, commit, join, next, open_totals, right, run};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::DefaultConsumerContext;

fn main() -> Ending {
    run(Pipeline { analytics, ..right() })
}

fn analytics(reading: &Reading) -> Ending {
    let (shutdown, mut database) = (Shutdown::listen(), open_totals(&Downstream::connect())?);
    let consumer = join(&(reading.config)("analytics"), "orders", DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let Some((event_id, order)) = (reading.placed)(&message)? else { continue };
        let transaction = database.transaction()?;
        if transaction.execute("INSERT INTO counted VALUES (?1) ON CONFLICT DO NOTHING", [event_id])? == 1 {
            for item in &order.items {
                add(&transaction, item, item.quantity * item.price_cents)?;
            }
        }
        transaction.commit()?;
        commit(&consumer, &message);
    }
    Ok(())
}
