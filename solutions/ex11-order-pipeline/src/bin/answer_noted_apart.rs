//! The mistake: the items are taken in one transaction, and the answer is noted in another.

use ex11_order_pipeline_solution::{Ending, Pipeline, answered, note_answer, right, run, stock_keeper, take};
use kit::Basket;
use rusqlite::{Connection, TransactionBehavior};

fn main() -> Ending {
    run(Pipeline { inventory: |reading| stock_keeper(reading, reserve), ..right() })
}

fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    if let Some(answer) = answered(database, order)? {
        return Ok(answer);
    }
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut all = true;
    for item in &order.items {
        all = all && take(&transaction, item)?;
    }
    match all {
        true => transaction.commit()?,
        false => transaction.rollback()?,
    }
    let answer = if all { "inventory.reserved" } else { "inventory.failed" };
    note_answer(database, order, answer)?;
    Ok(answer.to_owned())
}
