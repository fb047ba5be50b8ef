//! Exercise 0: put one record into Kafka, and know that it is there.
//!
//! Start with `README.md` beside `src`. Everything is here but one line; write it where the `todo!` is.

#![allow(unused_imports, unused_variables)] // for as long as the todo! leaves something unused

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
    let record = FutureRecord::to(topic).key("me").payload("Hello Kafka, I am …");
    todo!("send the record, wait for its acknowledgement, and return the partition and the offset that it names")
}
