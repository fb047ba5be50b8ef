//! The mistake: leaves `auto.offset.reset` alone. A new group then begins at the end: whatever was there before is never
//! read.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let database = database(&downstream)?;
    let consumer = join(config().remove("auto.offset.reset"))?; // the default is "latest"
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.unchecked_transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        commit(&consumer, &message);
    }
    Ok(())
}
