//! Under which leader which offsets were written, and OffsetForLeaderEpoch, which asks for it (KIP-101, KIP-320).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use crate::call::{Caller, Step};
use crate::core::Core;

/// The leader epochs of a log, each with the first offset that was written in it. (`LeaderEpochFileCache` in Kafka)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Epochs(Vec<(i32, i64)>);

impl Epochs {
    /// From `start` on, records are written in `epoch`.
    pub fn assign(&mut self, epoch: i32, start: i64) {
        if self.0.last().is_some_and(|(last, _)| *last >= epoch) {
            return;
        }
        self.0.retain(|(_, known)| *known < start); // nothing was written in these
        self.0.push((epoch, start));
    }

    /// The log ends at `end` now.
    pub fn truncate(&mut self, end: i64) {
        self.0.retain(|(_, start)| *start < end);
    }

    /// The log begins at `start` now.
    pub fn delete_before(&mut self, start: i64) {
        let gone = self.0.iter().rposition(|(_, known)| *known <= start).unwrap_or(0);
        self.0.drain(..gone);
        if let Some((_, first)) = self.0.first_mut() {
            *first = start.max(*first);
        }
    }

    /// The epoch in which the log begins.
    pub fn first(&self) -> Option<i32> {
        self.0.first().map(|(epoch, _)| *epoch)
    }

    /// Where the log of `epoch`, or else of the one before it, ends: that epoch and the offset after its last record. None
    /// where nothing is known of such an epoch.
    pub fn end(&self, epoch: i32, log_end: i64) -> Option<(i32, i64)> {
        let (last, _) = *self.0.last()?;
        if epoch == last {
            return Some((epoch, log_end));
        }
        let next = self.0.partition_point(|(known, _)| *known <= epoch);
        let (_, end) = *self.0.get(next).filter(|_| epoch >= 0)?;
        // Before the first epoch that is known, there is nothing.
        let floor = next.checked_sub(1).map_or(epoch, |floor| self.0[floor].0);
        Some((floor, end))
    }
}

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
