//! The mistake: the totals are read once, kept in memory, and written whole. Another member's share is overwritten.

use ex04_exactly_once_effects_solution::{Ending, Payment, commit, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::HashMap;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let mut totals = totals(&database)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        apply(&mut database, &mut totals, &parse(&message)?)?;
        commit(&consumer, &message);
    }
    Ok(())
}

fn totals(database: &Connection) -> rusqlite::Result<HashMap<String, i64>> {
    let mut all = database.prepare("SELECT customer_id, total_cents FROM balances")?;
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn apply(database: &mut Connection, totals: &mut HashMap<String, i64>, payment: &Payment) -> rusqlite::Result<()> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if mark(&transaction, &payment.payment_id)? {
        let total = totals.entry(payment.customer_id.clone()).or_default();
        *total += payment.amount_cents;
        transaction.execute("INSERT OR REPLACE INTO balances VALUES (?1, ?2)", params![payment.customer_id, *total])?;
    }
    transaction.commit()
}
