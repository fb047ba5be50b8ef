//! The mistake: the place in the log as the key. The same payment sent twice has two of them.

use ex04_exactly_once_effects_solution::{Ending, apply, commit, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::Message;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let key = format!("{}/{}", message.partition(), message.offset());
        let transaction = database.transaction()?;
        if mark(&transaction, &key)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        commit(&consumer, &message);
    }
    Ok(())
}
