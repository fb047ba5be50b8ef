//! Puts one record into Kafka, and knows that it is there.

use rdkafka::error::KafkaError;
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    // A producer knows where Kafka is, and has a queue of its own from which it sends.
    let producer: FutureProducer = kit::config().create().expect("the settings make a producer");
    match say_hello(&producer, &kit::topic("hello")).await {
        Ok((partition, offset)) => {
            println!("Kafka has it: partition {partition}, offset {offset}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Kafka does not have it: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Sends one record that says who you are, and waits until Kafka has acknowledged it. Returns its partition and offset.
async fn say_hello(producer: &FutureProducer, topic: &str) -> Result<(i32, i64), KafkaError> {
    let record = FutureRecord::to(topic).key("me").payload("Hello Kafka, I am Ada");
    // The time is how long to wait for room in the producer's queue. The await is for Kafka's answer.
    match producer.send(record, Duration::from_secs(10)).await {
        Ok(delivery) => Ok((delivery.partition, delivery.offset)),
        Err((error, _record)) => Err(error),
    }
}
