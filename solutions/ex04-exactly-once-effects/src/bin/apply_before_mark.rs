//! The mistake: two transactions, the effect first. Killed between them, the payment is applied again.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, marked, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        if !marked(&database, &payment.payment_id)? {
            apply(&database, &payment)?;
            mark(&database, &payment.payment_id)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
