//! Sends today's payments to a cluster whose leaders go away, and says of each what became of it.

use kit::{Downstream, Payment};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use serde_json::json;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// What is known of a payment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Every in-sync replica has it.
    Acknowledged,
    /// It is certainly not in the log, so it may be sent anew.
    Failed,
    /// Time is up, and nobody has said whether it is in the log.
    Unknown,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (producer, topic, world) = (producer()?, kit::topic("payments"), Downstream::connect());

    // Queue first: while one partition has no leader, the payments of the others are on their way.
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &topic, &payment).await;
        deliveries.push((payment, delivery));
    }

    let mut all_acknowledged = true;
    for (payment, delivery) in deliveries {
        let outcome = settle(delivery).await;
        all_acknowledged &= outcome == Outcome::Acknowledged;
        world.call("outcome", &json!({ "payment_id": payment.payment_id, "outcome": outcome.name() }))?;
    }
    Ok(if all_acknowledged { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A producer that neither loses what was acknowledged nor waits for ever.
///
/// What passes by itself (a leader that moves, replicas that are missing, an answer that is lost) it sends again by
/// itself, with the same sequence numbers, so that nothing is stored twice or overtakes anything. The deadline alone
/// bounds that: a number of retries would be used up in the first moments of an outage.
fn producer() -> KafkaResult<FutureProducer> {
    kit::config()
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("delivery.timeout.ms", "3000") // the default is five minutes
        .create()
}

/// Puts a payment into the producer's queue, behind all earlier ones.
async fn queue(producer: &FutureProducer, topic: &str, payment: &Payment) -> KafkaResult<DeliveryFuture> {
    let json = serde_json::to_string(payment).expect("a payment is plain data");
    let mut record = FutureRecord::to(topic).key(&payment.customer_id).payload(&json);
    loop {
        match producer.send_result(record) {
            Ok(delivery) => return Ok(delivery),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
            Err((error, _record)) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for the last word about a payment.
async fn settle(delivery: KafkaResult<DeliveryFuture>) -> Outcome {
    let Ok(delivery) = delivery else { return Outcome::Failed }; // it never got into the queue
    match delivery.await {
        Ok(Ok(_)) => Outcome::Acknowledged,
        Ok(Err((KafkaError::MessageProduction(code), _))) if is_refusal(code) => Outcome::Failed,
        Ok(Err(_)) | Err(_) => Outcome::Unknown,
    }
}

/// Did a broker say no, for good? Other errors are the client's own: it stopped waiting, and a request that nobody
/// answered may have been carried out.
fn is_refusal(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::InvalidRecord
            | RDKafkaErrorCode::InvalidMessage
            | RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::PolicyViolation
    )
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Acknowledged => "acknowledged",
            Outcome::Failed => "failed",
            Outcome::Unknown => "unknown",
        }
    }
}
