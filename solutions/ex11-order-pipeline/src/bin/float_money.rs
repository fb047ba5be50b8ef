//! The mistake: money is a float on its way.

use ex11_order_pipeline_solution::{Ending, Pipeline, add, open_totals, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let analytics = |reading: &_| {
        let mut database = open_totals(&Downstream::connect())?;
        work(reading, "analytics", |event_id, order| {
            let transaction = database.transaction()?;
            if transaction.execute("INSERT INTO counted VALUES (?1) ON CONFLICT DO NOTHING", [event_id])? == 1 {
                for item in &order.items {
                    let euros = item.price_cents as f64 / 100.0 * item.quantity as f64;
                    add(&transaction, item, (euros * 100.0) as i64)?;
                }
            }
            Ok(transaction.commit()?)
        })
    };
    run(Pipeline { analytics, ..right() })
}
