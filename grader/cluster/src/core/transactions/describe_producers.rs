//! DescribeProducers: who has written to a partition, and whose transaction is open there (KIP-664).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_producers_response::{PartitionResponse, ProducerState, TopicResponse};
use kafka_protocol::messages::{DescribeProducersRequest, DescribeProducersResponse, ProducerId};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::admin;
use crate::core::call::{Caller, Step};
use crate::partition::Partition;

pub(super) fn step(core: &Core, request: &DescribeProducersRequest, caller: &Caller) -> Step {
    let topics = request.topics.iter().map(|topic| {
        let found = match core.topics.get(&topic.name) {
            _ if !admin::is_topic_name(&topic.name) => Err(ResponseError::InvalidTopicException),
            None => Err(ResponseError::UnknownTopicOrPartition),
            Some(found) => Ok(found),
        };
        let partition = |index: &i32| {
            let answer = PartitionResponse::default().with_partition_index(*index);
            match found {
                Err(error) => {
                    let message = StrBytes::from_string(error.to_string());
                    answer.with_error_code(error.code()).with_error_message(Some(message))
                }
                Ok(topic) => match led(topic.partition(*index), caller) {
                    Ok(partition) => answer.with_active_producers(describe(partition)),
                    Err(error) => answer.with_error_code(error.code()),
                },
            }
        };
        TopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(topic.partition_indexes.iter().map(partition).collect())
    });
    Step::answer(DescribeProducersResponse::default().with_topics(topics.collect()))
}

/// The partition, if the node that is asked leads it: only the leader knows its producers.
fn led<'a>(partition: Option<&'a Partition>, caller: &Caller) -> Result<&'a Partition, ResponseError> {
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(caller.node, -1)?;
    Ok(partition)
}

fn describe(partition: &Partition) -> Vec<ProducerState> {
    let state = |(id, state): (i64, &crate::log::producer_state::ProducerState)| {
        ProducerState::default()
            .with_producer_id(ProducerId(id))
            .with_producer_epoch(state.epoch.into())
            .with_last_sequence(state.last_sequence())
            .with_last_timestamp(state.last_timestamp)
            .with_coordinator_epoch(state.coordinator_epoch)
            .with_current_txn_start_offset(state.transaction_start.unwrap_or(-1))
    };
    let mut states: Vec<_> = partition.producers.iter().map(state).collect();
    states.sort_by_key(|state| state.producer_id.0);
    states
}
