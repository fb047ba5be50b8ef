//! The mistake: what was applied is read once, at the start. What another member applies since is applied again.

use std::collections::HashSet;

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use rusqlite::Connection;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let mut applied = applied(&database)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        if applied.insert(payment.payment_id.clone()) {
            let transaction = database.transaction()?;
            mark(&transaction, &payment.payment_id)?;
            apply(&transaction, &payment)?;
            transaction.commit()?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}

fn applied(database: &Connection) -> rusqlite::Result<HashSet<String>> {
    database.prepare("SELECT payment_id FROM applied")?.query_map([], |row| row.get(0))?.collect()
}
