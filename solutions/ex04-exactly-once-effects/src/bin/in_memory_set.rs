//! The mistake: what is done is remembered in memory, and forgotten in every restart.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, next, parse};
use kit::{Downstream, Shutdown};
use std::collections::HashSet;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let database = database(&downstream)?;
    let consumer = join(&config())?;
    let mut seen = HashSet::new();
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        if seen.insert(payment.payment_id.clone()) {
            apply(&database, &payment)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}
