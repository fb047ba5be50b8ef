//! The mistake: the client commits by timer and when it is closed, as it does by default. It commits what it has handed
//! out, applied or not: here a portion of payments that is put aside when it is time to stop.

use ex04_exactly_once_effects_solution::{Ending, apply, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let mut config = config();
    config.set("enable.auto.commit", "true").set("auto.commit.interval.ms", "500");
    let consumer = join(&config)?;
    loop {
        let mut portion = Vec::from_iter(next(&consumer)?);
        while portion.len() < 10
            && let Some(Ok(message)) = consumer.poll(Duration::ZERO)
        {
            portion.push(message);
        }
        if shutdown.requested() {
            return Ok(());
        }
        for message in portion {
            let payment = parse(&message)?;
            let transaction = database.transaction()?;
            if mark(&transaction, &payment.payment_id)? {
                apply(&transaction, &payment)?;
            }
            transaction.commit()?;
        }
    }
}
