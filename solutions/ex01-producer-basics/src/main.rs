//! Sends today's orders to Kafka, keyed by customer, and tells the truth about what became of each.

use kit::{Downstream, Order};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// What became of the orders.
#[derive(Default, Serialize)]
struct Tally {
    delivered: u64,
    failed: u64,
    /// How many of the delivered ones lie in each partition.
    partitions: BTreeMap<i32, u64>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let producer = producer()?;
    let topic = kit::topic("orders");
    let orders = kit::orders();

    // Queue first, wait afterwards: this way the orders share requests instead of travelling one by one.
    let mut outcomes = Vec::with_capacity(orders.len());
    for order in &orders {
        outcomes.push(queue(&producer, &topic, order).await);
    }

    let mut tally = Tally::default();
    for (order, outcome) in orders.iter().zip(outcomes) {
        match settle(outcome).await {
            Ok(partition) => {
                tally.delivered += 1;
                *tally.partitions.entry(partition).or_default() += 1;
            }
            Err(error) => {
                tally.failed += 1;
                eprintln!("{} was not delivered: {error}", order.order_id);
            }
        }
    }
    // Every outcome is known, so nothing is left and this returns at once. It stays right when the code above changes.
    producer.flush(Duration::from_secs(60))?;

    print(&tally);
    Downstream::connect().call("report", &tally)?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A producer that neither loses nor doubles nor reorders what it has accepted.
///
/// Idempotence implies `acks=all` and the rest of what it needs, such as at most five requests in flight. Saying
/// `acks` all the same makes it an error, at once, if somebody changes it one day. Retries keep their default, which
/// is bounded by time (`delivery.timeout.ms`): a number of attempts is used up in the first second of an outage.
fn producer() -> KafkaResult<FutureProducer> {
    kit::config().set("enable.idempotence", "true").set("acks", "all").create()
}

/// Puts one order into the producer's queue, behind all earlier ones, and does not wait for Kafka.
async fn queue(producer: &FutureProducer, topic: &str, order: &Order) -> KafkaResult<DeliveryFuture> {
    let json = serde_json::to_string(order).expect("an order is plain data");
    let mut record = FutureRecord::to(topic).key(&order.customer_id).payload(&json);
    loop {
        match producer.send_result(record) {
            Ok(outcome) => return Ok(outcome),
            // Kafka is slower than we are. That is a reason to wait, not to drop an order.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
            Err((error, _record)) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for the last word about one order: its partition, or why it is not in Kafka.
async fn settle(outcome: KafkaResult<DeliveryFuture>) -> KafkaResult<i32> {
    match outcome?.await {
        Ok(report) => report.map(|delivery| delivery.partition).map_err(|(error, _record)| error),
        Err(_canceled) => Err(KafkaError::Canceled), // the producer is gone, and nobody will ever know
    }
}

fn print(tally: &Tally) {
    for (partition, count) in &tally.partitions {
        println!("partition {partition}: {count}");
    }
    println!("{} delivered, {} failed", tally.delivered, tally.failed);
}
