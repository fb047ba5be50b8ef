//! Right: nobody sleeps. A record that is to be tried again waits in a list with its time, its partition is paused, and
//! the program goes on polling for the others.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ex05_dead_letter_queue_solution::{
    Ending, FIRST_PAUSE, Failure, Letter, commit, config, join, letters, next, parse,
};
use kit::{Downstream, Shutdown};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Message};

/// A record whose next attempt is due at some time; its partition is paused.
struct Waiting<'a> {
    message: BorrowedMessage<'a>,
    retries: usize,
    due: Instant,
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let letters = letters()?;
    let mut waiting: HashMap<i32, Waiting<'_>> = HashMap::new();
    while !shutdown.requested() {
        let due = waiting.iter().find(|(_, waiting)| waiting.due <= Instant::now()).map(|(partition, _)| *partition);
        let (message, retries) = match due.and_then(|partition| waiting.remove(&partition)) {
            Some(Waiting { message, retries, .. }) => {
                consumer.resume(&partition(&message)?)?;
                (message, retries)
            }
            None => match next_within(&consumer, &waiting)? {
                Some(message) => (message, 0),
                None => continue,
            },
        };
        let failure = match parse(&message) {
            Err(error) => Failure { error: error.to_string(), retries: 0 },
            Ok(order) => match downstream.call("process", &order) {
                Ok(_) => {
                    commit(&consumer, &message);
                    continue;
                }
                Err(refused) if retries < 2 => {
                    eprintln!("again later: {refused}");
                    consumer.pause(&partition(&message)?)?;
                    // What librdkafka has already fetched of it comes again after this.
                    consumer.seek(
                        message.topic(),
                        message.partition(),
                        rdkafka::Offset::Offset(message.offset() + 1),
                        Duration::from_secs(10),
                    )?;
                    let due = Instant::now() + FIRST_PAUSE * (1 << retries);
                    waiting.insert(message.partition(), Waiting { message, retries: retries + 1, due });
                    continue;
                }
                Err(refused) => Failure { error: refused.0, retries },
            },
        };
        Letter::of(&message, &failure).send(&letters)?;
        commit(&consumer, &message);
    }
    Ok(())
}

/// The next record; not longer than until the next attempt is due.
fn next_within<'a>(
    consumer: &'a BaseConsumer,
    waiting: &HashMap<i32, Waiting<'_>>,
) -> KafkaResult<Option<BorrowedMessage<'a>>> {
    match waiting.values().map(|waiting| waiting.due).min() {
        None => next(consumer),
        Some(due) => consumer.poll(due.saturating_duration_since(Instant::now())).transpose(),
    }
}

fn partition(message: &BorrowedMessage<'_>) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    list.add_partition(message.topic(), message.partition());
    Ok(list)
}
