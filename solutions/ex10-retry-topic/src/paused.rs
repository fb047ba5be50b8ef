//! Partitions whose next record is not due yet.

use crate::now;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Message};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

/// They are paused, each until its time, in milliseconds since 1970.
#[derive(Default)]
pub struct Paused(RefCell<HashMap<(String, i32), u64>>);

impl Paused {
    /// Pauses the record's partition, and goes back to it: it will come again.
    pub fn put_back(&self, consumer: &BaseConsumer, message: &BorrowedMessage<'_>, not_before: u64) -> KafkaResult<()> {
        let (topic, partition) = (message.topic(), message.partition());
        consumer.pause(&only(topic, partition))?;
        consumer.seek(topic, partition, rdkafka::Offset::Offset(message.offset()), Duration::from_secs(10))?;
        self.0.borrow_mut().insert((topic.to_owned(), partition), not_before);
        Ok(())
    }

    pub fn resume_what_is_due(&self, consumer: &BaseConsumer) -> KafkaResult<()> {
        let now = now();
        for ((topic, partition), _) in self.0.borrow_mut().extract_if(|_, not_before| *not_before <= now) {
            consumer.resume(&only(&topic, partition))?;
        }
        Ok(())
    }

    /// How long to poll at most.
    pub fn until_next(&self) -> Duration {
        let next = self.0.borrow().values().min().map_or(100, |due| due.saturating_sub(now()));
        Duration::from_millis(next.min(100))
    }
}

pub fn only(topic: &str, partition: i32) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    list
}
