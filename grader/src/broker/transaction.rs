//! A transaction of the grader's own: what a program must not see that reads committed records, and must count that measures
//! a log.

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::{AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, ProducerId};

use super::coordinator::{Of, coordinator, granted};
use super::request::text;
use super::write::{partition_of, write};
use super::{Broker, BrokerError, Place, Record, topic};
use crate::wire::InTransaction;

/// Milliseconds, after which Kafka would abort it by itself.
const TIMEOUT_MS: i32 = 60_000;

/// Versions that every Kafka since 2.8 knows.
const INIT_PRODUCER_ID: i16 = 1;
const ADD_PARTITIONS: i16 = 1;
const END: i16 = 1;

/// A transaction that is open.
#[derive(Debug)]
pub struct Transaction {
    pub(super) id: String,
    /// The address of its coordinator.
    coordinator: String,
    producer_id: i64,
    epoch: i16,
}

impl Transaction {
    /// The first batch of it in a partition.
    pub(super) fn first_batch(&self) -> InTransaction {
        InTransaction { producer_id: self.producer_id, epoch: self.epoch, first_sequence: 0 }
    }
}

/// See [`Broker::begin`].
pub(super) async fn begin(
    broker: &Broker,
    topic: &str,
    id: &str,
    records: &[Record],
) -> Result<(Transaction, Vec<Place>), BrokerError> {
    let failed = |why: String| BrokerError::Write { topic: topic.to_owned(), why };
    let coordinator = coordinator(broker, Of::Transaction, id).await.map_err(failed)?;
    let init =
        InitProducerIdRequest::default().with_transactional_id(Some(text(id))).with_transaction_timeout_ms(TIMEOUT_MS);
    let given = granted(broker, &coordinator, &init, INIT_PRODUCER_ID, |answer| answer.error_code).await;
    let given = given.map_err(failed)?;
    let (producer_id, epoch) = (given.producer_id.0, given.producer_epoch);
    let transaction = Transaction { id: id.to_owned(), coordinator, producer_id, epoch };
    let count = topic::find(broker, topic).await.map_err(|error| failed(error.to_string()))?.leaders.len();
    let place = |record: &Record| record.partition.unwrap_or_else(|| partition_of(&record.key, count));
    let mut partitions: Vec<i32> = records.iter().map(place).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let add = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(text(id))
        .with_v3_and_below_producer_id(ProducerId(producer_id))
        .with_v3_and_below_producer_epoch(epoch)
        .with_v3_and_below_topics(vec![
            AddPartitionsToTxnTopic::default().with_name(text(topic)).with_partitions(partitions),
        ]);
    let error = |answer: &kafka_protocol::messages::AddPartitionsToTxnResponse| {
        let results = answer.results_by_topic_v3_and_below.iter().flat_map(|topic| &topic.results_by_partition);
        results.map(|result| result.partition_error_code).find(|code| *code != 0).unwrap_or(0)
    };
    granted(broker, &transaction.coordinator, &add, ADD_PARTITIONS, error).await.map_err(failed)?;
    let places = write(broker, topic, records, Some((transaction.id.as_str(), transaction.first_batch()))).await?;
    Ok((transaction, places))
}

/// See [`Broker::end`].
pub(super) async fn end(
    broker: &Broker,
    topic: &str,
    transaction: Transaction,
    commit: bool,
) -> Result<(), BrokerError> {
    let failed = |why: String| BrokerError::Write { topic: topic.to_owned(), why };
    let request = EndTxnRequest::default()
        .with_transactional_id(text(&transaction.id))
        .with_producer_id(ProducerId(transaction.producer_id))
        .with_producer_epoch(transaction.epoch)
        .with_committed(commit);
    granted(broker, &transaction.coordinator, &request, END, |answer| answer.error_code).await.map_err(failed)?;
    Ok(())
}

/// See [`Broker::write_aborted`].
pub(super) async fn write_aborted(
    broker: &Broker,
    topic: &str,
    id: &str,
    records: &[Record],
) -> Result<Vec<Place>, BrokerError> {
    let (transaction, places) = begin(broker, topic, id, records).await?;
    end(broker, topic, transaction, false).await?;
    Ok(places)
}
