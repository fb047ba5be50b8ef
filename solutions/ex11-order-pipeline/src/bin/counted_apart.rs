//! The mistake: the totals are one transaction, and the note that the event is in them is another.

use ex11_order_pipeline_solution::{Ending, Pipeline, Reading, add, open_totals, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    run(Pipeline { analytics, ..right() })
}

fn analytics(reading: &Reading) -> Ending {
    let mut database = open_totals(&Downstream::connect())?;
    work(reading, "analytics", |event_id, order| {
        if database.prepare("SELECT 1 FROM counted WHERE event_id = ?1")?.exists([event_id])? {
            return Ok(());
        }
        let transaction = database.transaction()?;
        for item in &order.items {
            add(&transaction, item, item.quantity * item.price_cents)?;
        }
        transaction.commit()?;
        database.execute("INSERT INTO counted VALUES (?1)", [event_id])?;
        Ok(())
    })
}
