//! The mistake: a record that fails ends the loop over its batch, and the whole batch is committed.

use ex05_dead_letter_queue_solution::{Ending, Letter, config, join, letters, next, process};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::{Message, Offset, TopicPartitionList};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    while !shutdown.requested() {
        let mut batch = Vec::new();
        while batch.len() < 10
            && let Some(message) = next(&consumer)?
        {
            batch.push(message);
        }
        for message in &batch {
            if let Err(failure) = process(message, &downstream) {
                Letter::of(message, &failure).send(&letters)?;
                break;
            }
        }
        let mut offsets = TopicPartitionList::new();
        for message in &batch {
            let next = Offset::Offset(message.offset() + 1);
            match offsets.find_partition(message.topic(), message.partition()) {
                Some(mut partition) => partition.set_offset(next)?,
                None => offsets.add_partition_offset(message.topic(), message.partition(), next)?,
            }
        }
        if !batch.is_empty()
            && let Err(error) = consumer.commit(&offsets, CommitMode::Sync)
        {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}
