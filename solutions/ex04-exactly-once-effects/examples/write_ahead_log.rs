//! Right: SQLite with a write-ahead log, and the question "is it new?" asked before anything is written. The
//! transaction takes the write lock at its beginning, so that no other member can answer the same question meanwhile.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, marked, next, parse};
use kit::{Downstream, Shutdown};
use rusqlite::TransactionBehavior;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !marked(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
            mark(&transaction, &payment.payment_id)?;
        }
        transaction.commit()?;
        commit(&consumer, &message);
    }
    Ok(())
}
