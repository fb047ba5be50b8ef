//! The mistake: the record's key as the key. It says whose payment it is, not which.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.transaction()?;
        if mark(&transaction, &payment.customer_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        commit(&consumer, &message);
    }
    Ok(())
}
