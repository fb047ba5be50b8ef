//! The mistake: the client commits by timer, as it does by default. It commits what it has handed out, and when the
//! consumer is dropped that is all that still waited in its queue.

use ex04_exactly_once_effects_solution::{Ending, apply, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let mut config = config();
    config.set("enable.auto.commit", "true").set("auto.commit.interval.ms", "500");
    let consumer = join(&config)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
    }
    Ok(())
}
