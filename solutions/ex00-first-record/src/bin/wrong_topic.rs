//! Wrong: sends to a topic of its own choice, where nobody waits for the record.

use rdkafka::producer::{FutureProducer, FutureRecord};
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main]
async fn main() -> ExitCode {
    let producer: FutureProducer = kit::config().create().expect("a producer");
    let record = FutureRecord::to("hello").key("me").payload("Hello Kafka, I am Ada");
    match producer.send(record, Duration::from_secs(10)).await {
        Ok(_delivery) => ExitCode::SUCCESS,
        Err((error, _record)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
