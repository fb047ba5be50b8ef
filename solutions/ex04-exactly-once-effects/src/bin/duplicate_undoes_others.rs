//! The mistake: a batch is one transaction, and a payment that was applied before rolls all of it back.

use ex04_exactly_once_effects_solution::{Ending, Payment, apply, commit_all, config, database, join, next, parse};
use kit::{Downstream, Shutdown};
use rusqlite::{Connection, params};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let mut batch = Vec::new();
        while batch.len() < 20
            && let Some(message) = next(&consumer)?
        {
            batch.push(message);
        }
        let payments = batch.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if let Err(error) = apply_all(&mut database, &payments) {
            eprintln!("applied before: {error}");
        }
        commit_all(&consumer, &batch)?;
    }
    Ok(())
}

fn apply_all(database: &mut Connection, payments: &[Payment]) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    for payment in payments {
        transaction.execute("INSERT INTO applied VALUES (?1)", params![payment.payment_id])?;
        apply(&transaction, payment)?;
    }
    transaction.commit()
}
