//! Applies each payment of topic `payments` exactly once, over duplicates, restarts and crashes.
//!
//! Kafka delivers at least once. The rest is the database's work: the record that a payment has been applied and the
//! payment's effect are one transaction, so that there is never one without the other.

use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rusqlite::{Connection, params};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Payment {
    payment_id: String,
    customer_id: String,
    amount_cents: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = open(&downstream)?;
    let consumer = join()?;

    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        match serde_json::from_slice(message.payload().unwrap_or_default()) {
            Ok(payment) => apply(&mut database, &payment)?,
            Err(reason) => eprintln!("skipped offset {}: {reason}", message.offset()),
        }
        // Only now: whatever is committed here is in the database for good. Killed before this line, the payment
        // comes again, and the database knows it.
        if let Err(error) = consumer.commit_message(&message, CommitMode::Sync) {
            eprintln!("not committed yet: {error}");
        }
    }
    Ok(())
}

/// Dedupe record and effect in one transaction: both or neither.
fn apply(database: &mut Connection, payment: &Payment) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    let is_new = transaction
        .execute("INSERT INTO applied VALUES (?1) ON CONFLICT DO NOTHING", params![payment.payment_id])?
        == 1;
    if is_new {
        transaction.execute(
            "INSERT INTO balances VALUES (?1, ?2)
             ON CONFLICT (customer_id) DO UPDATE SET total_cents = total_cents + excluded.total_cents",
            params![payment.customer_id, payment.amount_cents],
        )?;
    }
    transaction.commit()
}

fn open(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let database = kit::database("payments.db", downstream)?;
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY);
         CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL);",
    )?;
    Ok(database)
}

/// Joins the group. Nothing is committed unless we say so, and a new group begins with the oldest payment.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("payments"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("payments")])?;
    Ok(consumer)
}

/// The next record, or `None` when there is none for now.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
