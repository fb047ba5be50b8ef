//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::HashMap;

use kit::Downstream;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rusqlite::{Connection, params};
use serde::Deserialize;

pub use solutions_shared::{Ending, next};

/// The right settings: our group, from the oldest record, no commit that we did not ask for.
pub fn config() -> ClientConfig {
    solutions_shared::config("payments")
}

/// A consumer with these settings that joins the group.
pub fn join(config: &ClientConfig) -> KafkaResult<BaseConsumer> {
    solutions_shared::join(config, "payments", DefaultConsumerContext)
}

#[derive(Debug, Clone, Deserialize)]
pub struct Payment {
    pub payment_id: String,
    pub customer_id: String,
    pub amount_cents: i64,
}

pub fn parse(message: &BorrowedMessage<'_>) -> serde_json::Result<Payment> {
    serde_json::from_slice(message.payload().unwrap_or_default())
}

/// Commits that everything up to and including this record is done, and waits for the answer.
pub fn commit(consumer: &BaseConsumer, message: &BorrowedMessage<'_>) {
    if let Err(error) = consumer.commit_message(message, CommitMode::Sync) {
        eprintln!("not committed yet: {error}");
    }
}

/// The same for the last record of each partition in a batch.
pub fn commit_all(consumer: &BaseConsumer, batch: &[BorrowedMessage<'_>]) -> KafkaResult<()> {
    let mut next: HashMap<(String, i32), Offset> = HashMap::new();
    for message in batch {
        next.insert((message.topic().to_owned(), message.partition()), Offset::Offset(message.offset() + 1));
    }
    if next.is_empty() {
        return Ok(());
    }
    consumer.commit(&TopicPartitionList::from_topic_map(&next)?, CommitMode::Sync)
}

/// The database, with the two tables that the task names.
pub fn database(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let connection = kit::database("payments.db", downstream)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY);
         CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL);",
    )?;
    Ok(connection)
}

/// The dedupe record: true if this id is new.
pub fn mark(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    let rows = connection.execute("INSERT INTO applied VALUES (?1) ON CONFLICT DO NOTHING", params![id])?;
    Ok(rows == 1)
}

/// Is there a dedupe record of this id?
pub fn marked(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM applied WHERE payment_id = ?1")?.exists(params![id])
}

/// The effect: the customer's total grows.
pub fn apply(connection: &Connection, payment: &Payment) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO balances VALUES (?1, ?2)
         ON CONFLICT (customer_id) DO UPDATE SET total_cents = total_cents + excluded.total_cents",
        params![payment.customer_id, payment.amount_cents],
    )?;
    Ok(())
}
