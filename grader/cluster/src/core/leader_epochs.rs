//! OffsetForLeaderEpoch: where the log of a leader's epoch ends (KIP-101, KIP-320).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use crate::core::Core;
use crate::core::call::{Caller, Step};

/// OffsetForLeaderEpoch: a consumer asks after a change of leaders whether what it has read is still there.
pub(crate) fn step(core: &mut Core, request: &OffsetForLeaderEpochRequest, caller: &Caller) -> Step {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let answer = EpochEndOffset::default().with_partition(asked.partition);
            let found = core.topics.get(&topic.topic).and_then(|topic| topic.partition(asked.partition));
            let found = found.ok_or(ResponseError::UnknownTopicOrPartition);
            match found.and_then(|partition| {
                partition.check_leader(caller.node, asked.current_leader_epoch)?;
                Ok(partition.log.epochs.end(asked.leader_epoch, partition.log.end()))
            }) {
                Ok(Some((epoch, end))) => answer.with_leader_epoch(epoch).with_end_offset(end),
                Ok(None) => answer,
                Err(error) => answer.with_error_code(error.code()),
            }
        });
        OffsetForLeaderTopicResult::default().with_topic(topic.topic.clone()).with_partitions(partitions.collect())
    });
    Step::answer(OffsetForLeaderEpochResponse::default().with_topics(topics.collect()))
}
