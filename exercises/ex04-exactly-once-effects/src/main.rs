//! ex4: apply every payment of topic `payments` to a database, exactly once. See README.md next to this crate's
//! manifest.
//!
//! The shape below is a suggestion. You are graded by what the database holds in the end and by what your program says
//! to Kafka, so rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::error::Error;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::BorrowedMessage;
use rusqlite::Connection;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Payment {
    payment_id: String,
    customer_id: String,
    amount_cents: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen(); // from now on, SIGTERM and Ctrl-C only set a flag
    let downstream = Downstream::connect(); // tells a check what the database does; nothing to do for you
    let mut database = open(&downstream)?;
    let consumer = join()?;

    while !shutdown.requested() {
        if let Some(message) = next(&consumer)? {
            handle(&message, &mut database, &consumer)?;
        }
    }
    Ok(()) // here the consumer is dropped, and leaves the group
}

/// Opens the database, and makes its tables unless they are there.
fn open(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let database = kit::database("payments.db", downstream)?;
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY);
         CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL);",
    )?;
    Ok(database)
}

/// Creates a consumer of group `payments`, and subscribes it to topic `payments`. You know this from ex2.
fn join() -> Result<BaseConsumer, Box<dyn Error>> {
    todo!("step 1 of 3: create a consumer from kit::config() and subscribe to kit::topic(\"payments\")")
}

/// The next record, or `None` if there is none for now.
fn next(consumer: &BaseConsumer) -> Result<Option<BorrowedMessage<'_>>, Box<dyn Error>> {
    todo!("step 2 of 3: poll, and tell the errors that pass from the one that does not")
}

/// Deals with one record, and commits it.
///
/// Three things happen here: the payment takes effect, it is noted as applied, its offset is committed. Your program may
/// be killed between any two of them. Which two must be one?
fn handle(
    message: &BorrowedMessage<'_>,
    database: &mut Connection,
    consumer: &BaseConsumer,
) -> Result<(), Box<dyn Error>> {
    todo!("step 3 of 3: apply the payment unless it has been applied, then commit its offset")
}
