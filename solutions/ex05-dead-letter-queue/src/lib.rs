//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::thread::sleep;
use std::time::Duration;

use kit::Downstream;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::Value;

pub use solutions_shared::{Ending, next};

/// The right settings: our group, from the oldest record, no commit that we did not ask for.
pub fn config() -> ClientConfig {
    solutions_shared::config("order-processor")
}

/// A consumer with these settings that joins the group.
pub fn join(config: &ClientConfig) -> KafkaResult<BaseConsumer> {
    solutions_shared::join(config, "orders", DefaultConsumerContext)
}

/// Before the second attempt; each further pause is twice as long.
pub const FIRST_PAUSE: Duration = Duration::from_millis(50);

pub fn parse(message: &BorrowedMessage<'_>) -> serde_json::Result<Value> {
    serde_json::from_slice(message.payload().unwrap_or_default())
}

/// Why a record could not be processed, and how often it was tried again.
pub struct Failure {
    pub error: String,
    pub retries: usize,
}

/// So many attempts with these pauses; the right ones are 3, and each pause twice the one before.
pub fn attempts(
    order: &Value,
    downstream: &Downstream,
    most: usize,
    mut pause: impl FnMut(usize) -> Duration,
) -> Result<(), Failure> {
    let mut retries = 0;
    loop {
        let Err(refused) = downstream.call("process", order) else { return Ok(()) };
        if retries + 1 >= most {
            return Err(Failure { error: refused.0, retries });
        }
        sleep(pause(retries));
        retries += 1;
    }
}

/// The right way to process one record.
pub fn process(message: &BorrowedMessage<'_>, downstream: &Downstream) -> Result<(), Failure> {
    let order = parse(message).map_err(|error| Failure { error: format!("malformed: {error}"), retries: 0 })?;
    attempts(&order, downstream, 3, |retries| FIRST_PAUSE * (1 << retries))
}

pub fn letters() -> KafkaResult<FutureProducer> {
    kit::config().set("enable.idempotence", "true").create()
}

/// The record's own headers, and then ours.
pub fn headers(message: &BorrowedMessage<'_>, failure: &Failure) -> OwnedHeaders {
    about(message.headers().map_or_else(OwnedHeaders::new, |own| own.detach()), message, failure)
}

/// Adds where the record came from, and what became of it.
pub fn about(mut headers: OwnedHeaders, message: &BorrowedMessage<'_>, failure: &Failure) -> OwnedHeaders {
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

/// What a letter carries; the right one is [`Letter::of`].
pub struct Letter {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: OwnedHeaders,
}

impl Letter {
    pub fn of(message: &BorrowedMessage<'_>, failure: &Failure) -> Letter {
        Letter {
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers(message, failure),
        }
    }

    /// Sends it and waits for the acknowledgement.
    pub fn send(self, letters: &FutureProducer) -> KafkaResult<()> {
        let topic = kit::topic("orders-dlq");
        let mut record = FutureRecord::<[u8], [u8]>::to(&topic).headers(self.headers);
        record.key = self.key.as_deref();
        record.payload = self.value.as_deref();
        let sent = letters.send(record, Duration::from_secs(30));
        wait(sent).map_err(|(error, _)| error)?;
        Ok(())
    }
}

/// Waits for one future in a program that has no other.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread can always be made")
        .block_on(future)
}

/// Commits that everything up to and including this record is done, and waits for the answer.
pub fn commit(consumer: &BaseConsumer, message: &BorrowedMessage<'_>) {
    if let Err(error) = consumer.commit_message(message, CommitMode::Sync) {
        eprintln!("not committed yet: {error}");
    }
}
