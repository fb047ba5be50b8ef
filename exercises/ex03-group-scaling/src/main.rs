//! ex3: one of several members that share topic `high-volume`. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what your program says to Kafka and to the outside world, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do

use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::message::BorrowedMessage;

/// What the client calls back, and what is shared with those calls.
///
/// They come while you poll and while the consumer is dropped, and they get only `&self`. What must they know to commit
/// what is done? And how do you let them know, when they cannot borrow it from `main`?
#[derive(Default)]
struct Member {}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    /// Called before partitions come (`Rebalance::Assign`) and before they go (`Rebalance::Revoke`): your one chance to
    /// tell the next owner where to go on.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        todo!("step 3 of 4: when partitions go: commit what is done in them, wait for the answer, and forget them")
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // the outside world
    let consumer = join()?;

    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&message, &downstream, &consumer)?;
        }
    }

    Ok(()) // here the consumer is dropped. What happens to its partitions then, and in which order?
}

/// Creates a consumer of group `scaling`, and subscribes it to topic `high-volume`.
///
/// By default every member stops whenever somebody comes or goes. Which setting lets partitions that stay read on?
fn join() -> Result<BaseConsumer<Member>, Box<dyn Error>> {
    todo!("step 1 of 4: create a consumer with a Member of yours, and subscribe to kit::topic(\"high-volume\")")
}

/// The next record, or `None` if there is none for now. This is also the moment in which rebalances are served.
fn next(consumer: &BaseConsumer<Member>) -> Result<Option<BorrowedMessage<'_>>, Box<dyn Error>> {
    todo!("step 2 of 4: poll, and tell the errors that pass from the one that does not")
}

/// `downstream.call("process", &order)`, then take note of how far you are in this record's partition.
fn handle(
    message: &BorrowedMessage<'_>,
    downstream: &Downstream,
    consumer: &BaseConsumer<Member>,
) -> Result<(), Box<dyn Error>> {
    todo!("step 4 of 4: parse, process, take note, and commit now and then")
}
