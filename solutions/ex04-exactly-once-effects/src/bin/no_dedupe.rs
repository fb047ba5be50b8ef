//! The mistake: every record is a payment, whether or not it was there before.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        apply(&database, &payment)?;
        commit(&consumer, &message);
    }
    Ok(())
}
