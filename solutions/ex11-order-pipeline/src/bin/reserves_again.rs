//! The mistake: an order that comes again is reserved again.

use ex11_order_pipeline_solution::{Ending, Pipeline, right, run, stock_keeper, take};
use kit::Basket;
use rusqlite::{Connection, TransactionBehavior};

fn main() -> Ending {
    run(Pipeline { inventory: |reading| stock_keeper(reading, reserve), ..right() })
}

fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for item in &order.items {
        if !take(&transaction, item)? {
            return Ok("inventory.failed".to_owned()); // all that was taken is back
        }
    }
    transaction.commit()?;
    Ok("inventory.reserved".to_owned())
}
