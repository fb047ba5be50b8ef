//! Records that the grader itself puts into a topic: past every tap, so that the program has no part in it.

use std::time::Duration;

use rdkafka::error::KafkaResult;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use tokio::task::spawn_blocking;

use super::answer::client;
use super::{BrokerError, ffi};

/// For everything together. No request may time out before: it would be sent again, and lie in the topic twice if the
/// broker had only stood still for some seconds.
const LIMIT: Duration = Duration::from_secs(30);

/// A record to be written.
#[derive(Debug, Clone)]
pub struct Record {
    pub key: String,
    pub value: String,
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None` lets the key decide.
    pub partition: Option<i32>,
}

/// Where a record has come to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub partition: i32,
    pub offset: i64,
}

/// See [`super::Broker::write`].
pub(super) async fn write(address: &str, topic: &str, records: Vec<Record>) -> Result<Vec<Place>, BrokerError> {
    let failed = |why: String| BrokerError::Write { topic: topic.to_owned(), why };
    let (address, to) = (address.to_owned(), topic.to_owned());
    let sent = spawn_blocking(move || send(&address, &to, &records)).await;
    let (producer, sent) = sent.map_err(|error| failed(error.to_string()))?.map_err(|e| failed(e.to_string()))?;
    let mut places = Vec::with_capacity(sent.len());
    for delivery in sent {
        let delivery = delivery.await.map_err(|_| failed("the producer went away".to_owned()))?;
        let delivery = delivery.map_err(|(error, _)| failed(error.to_string()))?;
        places.push(Place { partition: delivery.partition, offset: delivery.offset });
    }
    // Its end takes a tenth of a second, and the scenarios that are played side by side share one task.
    spawn_blocking(move || drop(producer));
    Ok(places)
}

fn send(address: &str, topic: &str, records: &[Record]) -> KafkaResult<(FutureProducer, Vec<DeliveryFuture>)> {
    let producer: FutureProducer = client(address)
        .set("delivery.timeout.ms", LIMIT.as_millis().to_string())
        .set("socket.timeout.ms", (LIMIT * 2).as_millis().to_string())
        .set("linger.ms", (LIMIT / 2).as_millis().to_string()) // nothing goes out before all is there: flush sends
        .create()?;
    // Records for a topic that librdkafka does not know yet wait elsewhere, and come into their partitions one by one
    // when it does: the first would then be sent alone.
    producer.client().fetch_metadata(Some(topic), LIMIT)?;
    let sent = records.iter().map(|record| {
        let mut to = FutureRecord::to(topic).key(&record.key).payload(&record.value);
        if let Some(partition) = record.partition {
            to = to.partition(partition);
        }
        if !record.headers.is_empty() {
            to =
                to.headers(record.headers.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
                    headers.insert(Header { key, value: Some(value) })
                }));
        }
        producer.send_result(to).map_err(|(error, _)| error)
    });
    let sent = sent.collect::<KafkaResult<Vec<_>>>()?;
    ffi::flush(&producer, LIMIT); // what it leaves unsent, the deliveries tell
    Ok((producer, sent))
}
