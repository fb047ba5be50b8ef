//! The mistake: the offset is committed before the payment is applied. Killed between them, it never is.

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
        commit(&consumer, &message);
        let transaction = database.transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
    }
    Ok(())
}
