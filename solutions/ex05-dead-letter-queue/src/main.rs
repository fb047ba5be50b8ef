//! Processes each order of topic `orders`; what cannot be processed is set aside in topic `orders-dlq`, whole, and only
//! then is its offset committed.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::Value;

const ATTEMPTS: usize = 3;
/// Before the second attempt; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join()?;
    let letters: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;

    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Err(failure) = process(&message, &downstream) {
            // Whoever cannot set a record aside must not move past it. The error ends the program, and the next start
            // begins with this record, because its offset has not been committed.
            set_aside(&letters, &message, &failure).await?;
        }
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}

/// Why a record could not be processed, and how often it was tried again.
struct Failure {
    error: String,
    retries: usize,
}

/// Up to three attempts with growing pauses. What is not even an order gets none: it will not become one.
fn process(message: &BorrowedMessage<'_>, downstream: &Downstream) -> Result<(), Failure> {
    let order: Value = serde_json::from_slice(message.payload().unwrap_or_default())
        .map_err(|error| Failure { error: format!("malformed: {error}"), retries: 0 })?;
    let mut pause = FIRST_PAUSE;
    let mut retries = 0;
    loop {
        let Err(refused) = downstream.call("process", &order) else { return Ok(()) };
        if retries + 1 == ATTEMPTS {
            return Err(Failure { error: refused.0, retries });
        }
        sleep(pause); // far below max.poll.interval.ms, even all of them together
        pause *= 2;
        retries += 1;
    }
}

/// Returns when the letter is acknowledged.
async fn set_aside(letters: &FutureProducer, message: &BorrowedMessage<'_>, failure: &Failure) -> KafkaResult<()> {
    let topic = kit::topic("orders-dlq");
    let mut record = FutureRecord::<[u8], [u8]>::to(&topic).headers(headers(message, failure));
    record.key = message.key();
    record.payload = message.payload(); // the bytes as they came, readable or not
    eprintln!("set aside {}[{}]@{}: {}", message.topic(), message.partition(), message.offset(), failure.error);
    letters.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}

/// The record's own headers, in their order and with repeated keys, and then ours.
fn headers(message: &BorrowedMessage<'_>, failure: &Failure) -> OwnedHeaders {
    let mut headers = message.headers().map_or_else(OwnedHeaders::new, |own| own.detach());
    for (key, value) in [
        ("original_topic", message.topic().to_owned()),
        ("original_partition", message.partition().to_string()),
        ("original_offset", message.offset().to_string()),
        ("error", failure.error.clone()),
        ("retry_count", failure.retries.to_string()),
    ] {
        headers = headers.insert(Header { key, value: Some(&value) });
    }
    headers
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest order.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("order-processor"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
