//! What the programs in `src/bin` (each wrong in one way) and in `examples` (right, in another style) have in common,
//! so that each of them shows little more than its point. The reference solution, `src/main.rs`, needs none of this.

use kit::{Downstream, Payment};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// The settings of a producer that loses nothing and does not wait for ever.
pub const SAFE: &[(&str, &str)] = &[("acks", "all"), ("enable.idempotence", "true"), DEADLINE];

pub const DEADLINE: (&str, &str) = ("delivery.timeout.ms", "3000");

/// A producer with these settings.
pub fn producer(settings: &[(&str, &str)]) -> FutureProducer {
    let mut config = kit::config();
    config.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
    config.create().expect("the settings make a producer")
}

/// The value of a record.
pub fn value(payment: &Payment) -> String {
    serde_json::to_string(payment).expect("a payment is plain data")
}

/// Puts a payment into the producer's queue; waits while that is full.
pub async fn queue(producer: &FutureProducer, payment: &Payment) -> KafkaResult<DeliveryFuture> {
    let (topic, value) = (kit::topic("payments"), value(payment));
    let mut record = FutureRecord::to(&topic).key(&payment.customer_id).payload(&value);
    loop {
        match producer.send_result(record) {
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
            other => return other.map_err(|(error, _record)| error),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the delivery report says.
pub async fn settle(delivery: KafkaResult<DeliveryFuture>) -> KafkaResult<()> {
    match delivery?.await {
        Ok(report) => report.map(|_| ()).map_err(|(error, _record)| error),
        Err(_canceled) => Err(KafkaError::Canceled),
    }
}

/// The word for it: only a broker that refuses for good makes it certain that a record is not in the log.
pub fn word(report: &KafkaResult<()>) -> &'static str {
    use RDKafkaErrorCode::{InvalidRecord, MessageSizeTooLarge, TopicAuthorizationFailed};
    match report {
        Ok(()) => "acknowledged",
        Err(KafkaError::MessageProduction(InvalidRecord | MessageSizeTooLarge | TopicAuthorizationFailed)) => "failed",
        Err(_) => "unknown",
    }
}

/// The words that were said, and the exit status that goes with them.
pub struct Words {
    world: Downstream,
    all_acknowledged: bool,
}

impl Default for Words {
    fn default() -> Words {
        Words { world: Downstream::connect(), all_acknowledged: true }
    }
}

impl Words {
    pub fn say(&mut self, payment: &Payment, word: &str) {
        self.all_acknowledged &= word == "acknowledged";
        let said = json!({ "payment_id": payment.payment_id, "outcome": word });
        self.world.call("outcome", &said).expect("the outside world listens");
    }

    pub fn status(&self) -> ExitCode {
        if self.all_acknowledged { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Queues all payments, settles each, and says what `word` makes of its report.
pub async fn send_payments(producer: FutureProducer, word: impl Fn(&KafkaResult<()>) -> &'static str) -> ExitCode {
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &payment).await;
        deliveries.push((payment, delivery));
    }
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        words.say(&payment, word(&settle(delivery).await));
    }
    words.status()
}
