//! Processes each order of topic `orders`. What fails goes to `orders.retry`, labelled with the number of its next attempt
//! and with its time, and after the third attempt to `orders.dlq`. Nobody waits for it in the meantime.

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kit::{Downstream, Shutdown};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::Value;

const ATTEMPTS: u32 = 3;
/// Before the second attempt; the pause before the third is twice as long.
const FIRST_PAUSE: u64 = 200; // ms
/// No pause is longer. A time further ahead than this is a mistake of whoever wrote it.
const LONGEST_PAUSE: u64 = 60_000; // ms

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;
    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    let mut paused = Paused::default();

    while !shutdown.requested() {
        paused.resume_what_is_due(&consumer)?;
        let Some(message) = next(&consumer, paused.until_next())? else { continue };
        let label = Label::of(&message);
        if let Ok(label) = &label
            && label.not_before > now()
        {
            paused.put_back(&consumer, &message, label.not_before)?;
            continue;
        }
        if let Err(failure) = process(&message, label, &downstream) {
            // Whoever cannot pass a record on must not move past it. The error ends the program, and the next start
            // begins with this record, because its offset has not been committed.
            pass_on(&producer, &message, &failure).await?;
        }
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(()) // what is waiting stays in `orders.retry`
}

/// What a record says about its next attempt.
struct Label {
    /// Its number, from 1.
    attempt: u32,
    /// Milliseconds since 1970.
    not_before: u64,
}

impl Label {
    /// From `orders` each record comes for its first attempt. In `orders.retry` it has to say so itself.
    fn of(message: &BorrowedMessage<'_>) -> Result<Label, String> {
        if message.topic() == kit::topic("orders") {
            return Ok(Label { attempt: 1, not_before: 0 });
        }
        let attempt = number(message, "attempt")?;
        let not_before = number(message, "not_before")?;
        match u32::try_from(attempt) {
            Ok(attempt @ 2..=ATTEMPTS) if not_before <= now() + LONGEST_PAUSE => Ok(Label { attempt, not_before }),
            _ => Err(format!("a label that cannot be: attempt {attempt}, not_before {not_before}")),
        }
    }
}

fn number(message: &BorrowedMessage<'_>, name: &str) -> Result<u64, String> {
    let mut headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    let value = headers.find(|header| header.key == name).and_then(|header| header.value);
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("no number in a header {name}"))
}

/// Why an attempt failed, and the number of the next one, if there is to be one.
struct Failure {
    error: String,
    next: Option<u32>,
    /// How often it has been tried again.
    retries: u32,
}

/// One attempt. What is no order, or bears no label that can be read, gets none: waiting will not mend it.
fn process(
    message: &BorrowedMessage<'_>,
    label: Result<Label, String>,
    downstream: &Downstream,
) -> Result<(), Failure> {
    let hopeless = |error: String| Failure { error, next: None, retries: 0 };
    let Label { attempt, .. } = label.map_err(hopeless)?;
    let order: Value = serde_json::from_slice(message.payload().unwrap_or_default())
        .map_err(|error| hopeless(format!("malformed: {error}")))?;
    let next = Some(attempt + 1).filter(|next| *next <= ATTEMPTS);
    downstream.call("process", &order).map_err(|refused| Failure { error: refused.0, next, retries: attempt - 1 })?;
    Ok(())
}

/// To `orders.retry` with a new label, or to `orders.dlq`. Returns when it is acknowledged.
async fn pass_on(producer: &FutureProducer, message: &BorrowedMessage<'_>, failure: &Failure) -> KafkaResult<()> {
    let mut headers = history(message, &failure.error);
    let topic = match failure.next {
        Some(attempt) => {
            let not_before = now() + (FIRST_PAUSE << (attempt - 2));
            headers = with(headers, "attempt", &attempt.to_string());
            headers = with(headers, "not_before", &not_before.to_string());
            kit::topic("orders.retry")
        }
        None => {
            headers = with(headers, "retry_count", &failure.retries.to_string());
            kit::topic("orders.dlq")
        }
    };
    let mut record = FutureRecord::<[u8], [u8]>::to(&topic).headers(headers);
    record.key = message.key();
    record.payload = message.payload(); // the bytes as they came, readable or not
    producer.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}

/// The record's headers but for the old label, where it first came from, and one more error.
fn history(message: &BorrowedMessage<'_>, error: &str) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    let mut has_origin = false;
    for header in message.headers().into_iter().flat_map(|headers| headers.iter()) {
        has_origin |= header.key == "original_topic";
        if !["attempt", "not_before"].contains(&header.key) {
            headers = headers.insert(header);
        }
    }
    if !has_origin {
        headers = with(headers, "original_topic", message.topic());
        headers = with(headers, "original_partition", &message.partition().to_string());
        headers = with(headers, "original_offset", &message.offset().to_string());
    }
    with(headers, "error", error)
}

fn with(headers: OwnedHeaders, key: &str, value: &str) -> OwnedHeaders {
    headers.insert(Header { key, value: Some(value) })
}

/// Partitions whose next record is not due yet, with its time. They are paused, and the others go on.
#[derive(Default)]
struct Paused(HashMap<(String, i32), u64>);

impl Paused {
    /// Pauses the record's partition, and goes back to it: it will come again.
    fn put_back(&mut self, consumer: &BaseConsumer, message: &BorrowedMessage<'_>, not_before: u64) -> KafkaResult<()> {
        let (topic, partition) = (message.topic(), message.partition());
        consumer.pause(&only(topic, partition))?;
        consumer.seek(topic, partition, rdkafka::Offset::Offset(message.offset()), Duration::from_secs(10))?;
        self.0.insert((topic.to_owned(), partition), not_before);
        Ok(())
    }

    fn resume_what_is_due(&mut self, consumer: &BaseConsumer) -> KafkaResult<()> {
        let now = now();
        for ((topic, partition), _) in self.0.extract_if(|_, not_before| *not_before <= now) {
            consumer.resume(&only(&topic, partition))?;
        }
        Ok(())
    }

    /// How long to poll at most: SIGTERM and the next record that is due are not kept waiting.
    fn until_next(&self) -> Duration {
        let next = self.0.values().min().map_or(100, |due| due.saturating_sub(now()));
        Duration::from_millis(next.min(100))
    }
}

fn only(topic: &str, partition: i32) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    list
}

/// The time of day in milliseconds since 1970: the one clock that the next reader has, too.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Joins the group for both topics. Nothing is committed unless we say so, and a new group begins with the oldest order.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders"), &kit::topic("orders.retry")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now.
fn next(consumer: &BaseConsumer, within: Duration) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(within).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
