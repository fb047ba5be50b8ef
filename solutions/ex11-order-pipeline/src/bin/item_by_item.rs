//! The mistake: an order that fails keeps the items that were taken before one was missing.

use ex11_order_pipeline_solution::{Ending, Pipeline, answered, note_answer, right, run, stock_keeper, take};
use kit::Basket;
use rusqlite::{Connection, TransactionBehavior};

fn main() -> Ending {
    run(Pipeline { inventory: |reading| stock_keeper(reading, reserve), ..right() })
}

fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(answer) = answered(&transaction, order)? {
        return Ok(answer);
    }
    let mut all = true;
    for item in &order.items {
        all = all && take(&transaction, item)?;
    }
    let answer = if all { "inventory.reserved" } else { "inventory.failed" };
    note_answer(&transaction, order, answer)?;
    transaction.commit()?;
    Ok(answer.to_owned())
}
