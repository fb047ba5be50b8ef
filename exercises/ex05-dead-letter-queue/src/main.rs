//! ex5: process every order, and set aside whole what cannot be processed. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::FutureProducer;

const ATTEMPTS: usize = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // the outside world
    let consumer = join()?;
    let letters: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;

    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&message, &downstream, &consumer, &letters).await?;
        }
    }
    Ok(()) // here the consumer is dropped, and leaves the group
}

/// Creates a consumer of group `order-processor`, and subscribes it to topic `orders`. You know this from ex2.
fn join() -> Result<BaseConsumer, Box<dyn Error>> {
    todo!("step 1 of 5: create a consumer from kit::config() and subscribe to kit::topic(\"orders\")")
}

/// The next record, or `None` if there is none for now.
fn next(consumer: &BaseConsumer) -> Result<Option<BorrowedMessage<'_>>, Box<dyn Error>> {
    todo!("step 2 of 5: poll, and tell the errors that pass from the one that does not")
}

/// Why a record could not be processed, and how often it was tried again.
struct Failure {
    error: String,
    retries: usize,
}

/// Deals with one record: processes it or sets it aside, and commits its offset when one of the two is certain.
async fn handle(
    message: &BorrowedMessage<'_>,
    downstream: &Downstream,
    consumer: &BaseConsumer,
    letters: &FutureProducer,
) -> Result<(), Box<dyn Error>> {
    todo!("step 3 of 5: process, set aside what fails, commit")
}

/// Up to three attempts with growing pauses. Is there anything that need not be tried again?
fn process(message: &BorrowedMessage<'_>, downstream: &Downstream) -> Result<(), Failure> {
    todo!("step 4 of 5: parse, then call \"process\" until it works, three times at most")
}

/// Sends the record to `orders-dlq`, whole, with headers that tell where it came from and why. Returns when the broker
/// has it.
async fn set_aside(
    letters: &FutureProducer,
    message: &BorrowedMessage<'_>,
    failure: &Failure,
) -> Result<(), Box<dyn Error>> {
    todo!("step 5 of 5: send key and value as they came, all headers and five of yours, and wait for the answer")
}
