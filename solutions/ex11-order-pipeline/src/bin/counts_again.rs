//! The mistake: each event is added to the totals, whether or not it was there before.

use ex11_order_pipeline_solution::{Ending, Pipeline, add, open_totals, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let analytics = |reading: &_| {
        let mut database = open_totals(&Downstream::connect())?;
        work(reading, "analytics", |_, order| {
            let transaction = database.transaction()?;
            for item in &order.items {
                add(&transaction, item, item.quantity * item.price_cents)?;
            }
            Ok(transaction.commit()?)
        })
    };
    run(Pipeline { analytics, ..right() })
}
