//! The right way to do each part of the work.

use crate::{ATTEMPTS, Label, Paused, config, history, is_label, now, pause_before, with};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::Value;
use std::time::Duration;

/// A program, or a thread of one, with its own consumer.
pub struct Worker {
    pub shutdown: Shutdown,
    pub downstream: Downstream,
    pub consumer: BaseConsumer,
    pub producer: FutureProducer,
    pub paused: Paused,
}

/// Why an attempt failed, and the number of the next one, if there is to be one.
#[derive(Debug)]
pub struct Failure {
    pub error: String,
    pub next: Option<u32>,
    pub retries: u32,
}

impl Worker {
    /// One that reads both topics.
    ///
    /// # Errors
    /// The settings make no client.
    pub fn start() -> KafkaResult<Worker> {
        Worker::reading(&["orders", "orders.retry"])
    }

    /// # Errors
    /// The settings make no client.
    pub fn reading(topics: &[&str]) -> KafkaResult<Worker> {
        Worker::with(join(topics)?)
    }

    /// # Errors
    /// The settings make no client.
    pub fn with(consumer: BaseConsumer) -> KafkaResult<Worker> {
        let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
        Ok(Worker { shutdown, downstream, consumer, producer: producer()?, paused: Paused::default() })
    }

    /// The next record that comes, too early or not.
    ///
    /// # Errors
    /// The client cannot go on.
    pub fn next(&self) -> KafkaResult<Option<BorrowedMessage<'_>>> {
        self.paused.resume_what_is_due(&self.consumer)?;
        match self.consumer.poll(self.paused.until_next()).transpose() {
            Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
            Err(passing) => {
                eprintln!("the client will try again: {passing}");
                Ok(None)
            }
            record => record,
        }
    }

    /// Puts back what comes too early. Returns whether it did.
    ///
    /// # Errors
    /// Kafka's.
    pub fn too_early(&self, message: &BorrowedMessage<'_>, label: &Result<Label, String>) -> KafkaResult<bool> {
        match label {
            Ok(label) if label.not_before > now() => {
                self.paused.put_back(&self.consumer, message, label.not_before)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// # Errors
    /// It failed.
    pub fn attempt(&self, message: &BorrowedMessage<'_>, label: Result<Label, String>) -> Result<(), Failure> {
        attempt(&self.downstream, message, label)
    }

    /// Sends the record on, and waits for the acknowledgement.
    ///
    /// # Errors
    /// It is not acknowledged.
    pub fn pass_on(&self, message: &BorrowedMessage<'_>, failure: &Failure) -> KafkaResult<()> {
        self.pass_on_with(message, failure, history(message, &failure.error, is_label))
    }

    /// The same with these headers and the new label.
    ///
    /// # Errors
    /// It is not acknowledged.
    pub fn pass_on_with(
        &self,
        message: &BorrowedMessage<'_>,
        failure: &Failure,
        headers: OwnedHeaders,
    ) -> KafkaResult<()> {
        match failure.next {
            Some(attempt) => {
                let headers = with(headers, "attempt", attempt);
                let headers = with(headers, "not_before", now() + pause_before(attempt));
                wait(send(&self.producer, "orders.retry", message, headers))
            }
            None => {
                let headers = with(headers, "retry_count", failure.retries);
                wait(send(&self.producer, "orders.dlq", message, headers))
            }
        }
    }

    /// Commits the record's offset, and waits for the answer.
    pub fn commit(&self, message: &BorrowedMessage<'_>) {
        if let Err(error) = self.consumer.commit_message(message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
}

/// One attempt, for what is an order and well labelled.
///
/// # Errors
/// It failed, or there was none.
pub fn attempt(
    downstream: &Downstream,
    message: &BorrowedMessage<'_>,
    label: Result<Label, String>,
) -> Result<(), Failure> {
    let hopeless = |error: String| Failure { error, next: None, retries: 0 };
    let Label { attempt, .. } = label.map_err(hopeless)?;
    let order: Value = serde_json::from_slice(message.payload().unwrap_or_default())
        .map_err(|error| hopeless(format!("malformed: {error}")))?;
    let next = Some(attempt + 1).filter(|next| *next <= ATTEMPTS);
    downstream.call("process", &order).map_err(|refused| Failure { error: refused.0, next, retries: attempt - 1 })?;
    Ok(())
}

/// A member of the group that reads these topics.
///
/// # Errors
/// The settings make no client.
pub fn join(topics: &[&str]) -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = config("order-processor").create()?;
    let topics: Vec<String> = topics.iter().map(|topic| kit::topic(topic)).collect();
    consumer.subscribe(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(consumer)
}

/// # Errors
/// The settings make no client.
pub fn producer() -> KafkaResult<FutureProducer> {
    kit::config().set("enable.idempotence", "true").create()
}

/// Sends key and value as they came, with these headers.
///
/// # Errors
/// It is not acknowledged.
pub async fn send(
    producer: &FutureProducer,
    topic: &str,
    message: &BorrowedMessage<'_>,
    headers: OwnedHeaders,
) -> KafkaResult<()> {
    let topic = kit::topic(topic);
    let mut record = FutureRecord::<[u8], [u8]>::to(&topic).headers(headers);
    record.key = message.key();
    record.payload = message.payload();
    producer.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}

/// Waits for one future in a program that has no other.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread can always be made")
        .block_on(future)
}
