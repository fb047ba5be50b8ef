//! ex2: process every order of topic `orders`, and commit after every ten. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do

use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::BorrowedMessage;

/// What is processed and not yet committed. Which fields does it need to commit *every* partition correctly?
#[derive(Default)]
struct Progress {}

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // the outside world
    let consumer = join()?;
    let mut progress = Progress::default();

    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&message, &downstream, &consumer, &mut progress)?;
        }
    }

    commit(&consumer, &mut progress);
    Ok(()) // here the consumer is dropped, and leaves the group
}

/// Creates a consumer of group `order-processor`, and subscribes it to topic `orders`.
///
/// `kit::config()` knows where Kafka is. When and what to commit is for you to say, so what must be switched off? And
/// the orders may be older than the group: where shall a new group begin?
fn join() -> Result<BaseConsumer, Box<dyn Error>> {
    todo!("step 1 of 4: create a consumer from kit::config() and subscribe to kit::topic(\"orders\")")
}

/// The next record, or `None` if there is none for now.
///
/// Wait only for a moment, because SIGTERM waits with you. Most errors pass by themselves: log them and carry on.
fn next(consumer: &BaseConsumer) -> Result<Option<BorrowedMessage<'_>>, Box<dyn Error>> {
    todo!("step 2 of 4: poll, and tell the errors that pass from the one that does not")
}

/// Deals with one record: `downstream.call("process", &order)` for an order, a word on stderr for anything else.
///
/// Then note how far you are in this record's partition, and commit if this was the tenth order since the last time.
fn handle(
    message: &BorrowedMessage<'_>,
    downstream: &Downstream,
    consumer: &BaseConsumer,
    progress: &mut Progress,
) -> Result<(), Box<dyn Error>> {
    todo!("step 3 of 4: parse, process, take note, and commit after every ten")
}

/// Commits everything that is processed, on every partition, and nothing else.
///
/// It returns nothing, because a commit that fails is no reason to stop. What must stay in `progress` if it does?
fn commit(consumer: &BaseConsumer, progress: &mut Progress) {
    todo!("step 4 of 4: commit explicit offsets, and wait for the answer")
}
