//! Right: up to twenty payments in one transaction, and one commit to Kafka for all of them.

use ex04_exactly_once_effects_solution::{Ending, apply, commit_all, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let mut batch = Vec::new();
        // The first `None` says that nothing more is waiting: an unfinished batch is a batch, too.
        while batch.len() < 20
            && let Some(message) = next(&consumer)?
        {
            batch.push(message);
        }
        let transaction = database.transaction()?;
        for message in &batch {
            let payment = parse(message)?;
            if mark(&transaction, &payment.payment_id)? {
                apply(&transaction, &payment)?;
            }
        }
        transaction.commit()?;
        if let Err(error) = commit_all(&consumer, &batch) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}
