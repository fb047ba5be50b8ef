//! The mistake: a transaction reads first and then wants to write, which another process may have made impossible.

use ex11_order_pipeline_solution::{Ending, Pipeline, answered, note_answer, right, run, stock_keeper, take};
use kit::Basket;
use rusqlite::Connection;

fn main() -> Ending {
    run(Pipeline { inventory: |reading| stock_keeper(reading, reserve), ..right() })
}

fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    let mut transaction = database.transaction()?; // deferred: it has no lock yet
    if let Some(answer) = answered(&transaction, order)? {
        return Ok(answer);
    }
    let savepoint = transaction.savepoint()?;
    let mut all = true;
    for item in &order.items {
        all = all && take(&savepoint, item)?;
    }
    match all {
        true => savepoint.commit()?,
        false => drop(savepoint),
    }
    let answer = if all { "inventory.reserved" } else { "inventory.failed" };
    note_answer(&transaction, order, answer)?;
    transaction.commit()?;
    Ok(answer.to_owned())
}
