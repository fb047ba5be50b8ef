//! The mistake: every error is taken for a passing one, also the one that says that somebody else has taken its place.

use ex12_transactions_solution::{Ending, config, go_back, id, is_fatal, join, next, producer, transact, undo};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let batch = next(&consumer, 100)?;
        if batch.is_empty() {
            continue;
        }
        match transact(&batch, &downstream, &consumer, &producer) {
            Err(error) if is_fatal(&*error) => {
                eprintln!("tried again later: {error}");
                go_back(&consumer)?;
            }
            Err(error) => undo(error, &consumer, &producer)?,
            Ok(()) => {}
        }
    }
    Ok(())
}
