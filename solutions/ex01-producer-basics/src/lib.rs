//! What the programs in `src/bin` (each wrong in one way) and in `examples` (right, in another style) have in common,
//! so that each of them shows little more than its point. The reference solution, `src/main.rs`, needs none of this.

use kit::{Downstream, Order};
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message, ToBytes};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, ProducerContext};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

/// The settings of a producer that neither loses nor doubles anything.
pub const SAFE: &[(&str, &str)] = &[("acks", "all"), ("enable.idempotence", "true")];

/// The kit's configuration with these settings.
pub fn config(settings: &[(&str, &str)]) -> ClientConfig {
    let mut config = kit::config();
    config.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
    config
}

/// A producer with these settings.
pub fn producer(settings: &[(&str, &str)]) -> FutureProducer {
    config(settings).create().expect("the settings make a producer")
}

/// The value of a record.
pub fn json(order: &Order) -> String {
    serde_json::to_string(order).expect("an order is plain data")
}

/// Is this the error that means "wait", not "lost"?
pub fn is_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

/// Queues one record, behind all earlier ones, and waits only while the queue is full.
pub async fn queue<K, P>(producer: &FutureProducer, record: FutureRecord<'_, K, P>) -> KafkaResult<DeliveryFuture>
where
    K: ToBytes + ?Sized,
    P: ToBytes + ?Sized,
{
    let mut record = record;
    loop {
        match producer.send_result(record) {
            Ok(outcome) => return Ok(outcome),
            Err((error, same)) if is_full(&error) => record = same,
            Err((error, _record)) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for the last word about one record: its partition, or why it is not in Kafka.
pub async fn settle(outcome: KafkaResult<DeliveryFuture>) -> KafkaResult<i32> {
    match outcome?.await {
        Ok(report) => report.map(|delivery| delivery.partition).map_err(|(error, _record)| error),
        Err(_canceled) => Err(KafkaError::Canceled),
    }
}

/// Waits for all of them.
pub async fn settle_all(outcomes: Vec<KafkaResult<DeliveryFuture>>) -> Tally {
    let mut tally = Tally::default();
    for outcome in outcomes {
        tally.count(settle(outcome).await);
    }
    tally
}

/// The whole exercise, done right as far as these settings allow.
pub async fn send_orders(settings: &[(&str, &str)]) -> ExitCode {
    let producer = producer(settings);
    let topic = kit::topic("orders");
    let mut outcomes = Vec::new();
    for order in kit::orders() {
        let value = json(&order);
        let record = FutureRecord::to(&topic).key(&order.customer_id).payload(&value);
        outcomes.push(queue(&producer, record).await);
    }
    settle_all(outcomes).await.report()
}

/// What became of the orders.
#[derive(Debug, Default, Serialize)]
pub struct Tally {
    pub delivered: u64,
    pub failed: u64,
    pub partitions: BTreeMap<i32, u64>,
}

impl Tally {
    /// Counts one outcome.
    pub fn count<E: Display>(&mut self, outcome: Result<i32, E>) {
        match outcome {
            Ok(partition) => {
                self.delivered += 1;
                *self.partitions.entry(partition).or_default() += 1;
            }
            Err(error) => {
                self.failed += 1;
                eprintln!("not delivered: {error}");
            }
        }
    }

    /// Prints it, hands it in, and turns it into the exit status.
    pub fn report(&self) -> ExitCode {
        for (partition, count) in &self.partitions {
            println!("partition {partition}: {count}");
        }
        println!("{} delivered, {} failed", self.delivered, self.failed);
        Downstream::connect().call("report", self).expect("the report is accepted");
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// For the producers that tell an outcome by a callback: counts them all.
#[derive(Default)]
pub struct Counting(pub Mutex<Tally>);

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, _opaque: ()) {
        let outcome = outcome.as_ref().map(Message::partition).map_err(|(error, _record)| error);
        self.0.lock().unwrap().count(outcome);
    }
}
