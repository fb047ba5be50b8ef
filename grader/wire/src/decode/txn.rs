//! Producer ids and transactions. They go to the transaction coordinator.

use kafka_protocol::messages::*;

use super::by_partition;
use crate::reader::Result;
use crate::request::{Request, TopicPartition};
use crate::response::{PartitionError, Response};

pub fn init_producer_id(asked: InitProducerIdRequest) -> Request {
    Request::InitProducerId {
        transactional_id: asked.transactional_id.map(|id| id.to_string()),
        timeout_ms: asked.transaction_timeout_ms,
        producer_id: asked.producer_id.0,
        epoch: asked.producer_epoch,
    }
}

pub fn producer_id(said: InitProducerIdResponse) -> Response {
    Response::InitProducerId { error: said.error_code, producer_id: said.producer_id.0, epoch: said.producer_epoch }
}

/// From v4 on the request holds several transactions; those versions are for brokers, which check on behalf of
/// producers (KIP-890), so the first transaction is enough.
pub fn add_partitions(version: i16, asked: AddPartitionsToTxnRequest) -> Result<Request> {
    let (id, producer_id, epoch, topics) = if version < 4 {
        (
            asked.v3_and_below_transactional_id,
            asked.v3_and_below_producer_id,
            asked.v3_and_below_producer_epoch,
            asked.v3_and_below_topics,
        )
    } else {
        let Some(first) = asked.transactions.into_iter().next() else { return Ok(Request::Other) };
        (first.transactional_id, first.producer_id, first.producer_epoch, first.topics)
    };
    let topics = topics.into_iter().map(|topic| (topic.name, topic.partitions));
    Ok(Request::AddPartitionsToTxn {
        transactional_id: id.to_string(),
        producer_id: producer_id.0,
        epoch,
        partitions: by_partition(topics, |topic, partition| TopicPartition { topic, partition })?,
    })
}

/// From v4 on there is a result for each transaction.
pub fn partitions_added(said: AddPartitionsToTxnResponse) -> Result<Response> {
    let by_transaction = said.results_by_transaction.into_iter().flat_map(|result| result.topic_results);
    let topics = said.results_by_topic_v3_and_below.into_iter().chain(by_transaction);
    let topics = topics.map(|topic| (topic.name, topic.results_by_partition));
    let partitions = by_partition(topics, |topic, said| PartitionError {
        topic,
        partition: said.partition_index,
        error: said.partition_error_code,
    })?;
    Ok(Response::AddPartitionsToTxn { error: said.error_code, partitions })
}

pub fn add_offsets(asked: AddOffsetsToTxnRequest) -> Request {
    Request::AddOffsetsToTxn {
        transactional_id: asked.transactional_id.to_string(),
        producer_id: asked.producer_id.0,
        epoch: asked.producer_epoch,
        group: asked.group_id.to_string(),
    }
}

pub fn end_txn(asked: EndTxnRequest) -> Request {
    Request::EndTxn {
        transactional_id: asked.transactional_id.to_string(),
        producer_id: asked.producer_id.0,
        epoch: asked.producer_epoch,
        committed: asked.committed,
    }
}
