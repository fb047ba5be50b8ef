//! The mistake: commits the offset of the payment itself, not of the next one. The last payment of each partition is never
//! committed.

use ex04_exactly_once_effects_solution::{Ending, apply, config, database, join, mark, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let database = database(&downstream)?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let payment = parse(&message)?;
        let transaction = database.unchecked_transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(message.topic(), message.partition(), Offset::Offset(message.offset()))?;
        if let Err(error) = consumer.commit(&offsets, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}
