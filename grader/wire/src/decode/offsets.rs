//! Offsets: those of a log (ListOffsets), and those that a group commits (OffsetCommit, OffsetFetch, TxnOffsetCommit).

use kafka_protocol::messages::*;

use super::by_partition;
use crate::reader::Result;
use crate::request::{Offset, OffsetQuery, Request, TopicPartition};
use crate::response::{Committed, Listed, PartitionError, Response};

pub fn list_offsets(asked: ListOffsetsRequest) -> Result<Request> {
    let topics = asked.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let partitions = by_partition(topics, |topic, asked| OffsetQuery {
        topic,
        partition: asked.partition_index,
        timestamp: asked.timestamp,
    })?;
    Ok(Request::ListOffsets { isolation: asked.isolation_level, partitions })
}

pub fn listed(said: ListOffsetsResponse) -> Result<Response> {
    let topics = said.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let partitions = by_partition(topics, |topic, said| Listed {
        topic,
        partition: said.partition_index,
        error: said.error_code,
        offset: said.offset,
    })?;
    Ok(Response::ListOffsets { partitions })
}

pub fn offset_commit(asked: OffsetCommitRequest) -> Result<Request> {
    let topics = asked.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let offsets = by_partition(topics, |topic, asked| Offset {
        topic,
        partition: asked.partition_index,
        offset: asked.committed_offset,
    })?;
    Ok(Request::OffsetCommit {
        group: asked.group_id.to_string(),
        generation: asked.generation_id_or_member_epoch,
        member: asked.member_id.to_string(),
        offsets,
    })
}

pub fn offset_committed(said: OffsetCommitResponse) -> Result<Response> {
    let topics = said.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let partitions = by_partition(topics, |topic, said| PartitionError {
        topic,
        partition: said.partition_index,
        error: said.error_code,
    })?;
    Ok(Response::OffsetCommit { partitions })
}

/// Before v8 a request is about one group.
pub fn offset_fetch(version: i16, asked: OffsetFetchRequest) -> Result<Request> {
    let at = |topic, partition| TopicPartition { topic, partition };
    let mut more_groups = Vec::new();
    let (group, partitions) = if version < 8 {
        let topics = asked.topics.map(|topics| topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)));
        (asked.group_id, topics.map(|topics| by_partition(topics, at)).transpose()?)
    } else {
        let mut groups = asked.groups.into_iter();
        let (group, topics) = groups.next().map(|group| (group.group_id, group.topics)).unwrap_or_default();
        more_groups.extend(groups.map(|group| group.group_id.to_string()));
        let topics = topics.map(|topics| topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)));
        (group, topics.map(|topics| by_partition(topics, at)).transpose()?)
    };
    let require_stable = asked.require_stable;
    Ok(Request::OffsetFetch { group: group.to_string(), partitions, require_stable, more_groups })
}

pub fn offset_fetched(version: i16, said: OffsetFetchResponse) -> Result<Response> {
    if version < 8 {
        let topics = said.topics.into_iter().map(|topic| (topic.name, topic.partitions));
        let offsets = by_partition(topics, |topic, said| Committed {
            topic,
            partition: said.partition_index,
            offset: said.committed_offset,
            error: said.error_code,
        })?;
        return Ok(Response::OffsetFetch { error: said.error_code, offsets });
    }
    let error = said.groups.iter().map(|group| group.error_code).find(|error| *error != 0).unwrap_or(0);
    let topics = said.groups.into_iter().flat_map(|group| group.topics).map(|topic| (topic.name, topic.partitions));
    let offsets = by_partition(topics, |topic, said| Committed {
        topic,
        partition: said.partition_index,
        offset: said.committed_offset,
        error: said.error_code,
    })?;
    Ok(Response::OffsetFetch { error, offsets })
}

pub fn txn_offset_commit(asked: TxnOffsetCommitRequest) -> Result<Request> {
    let topics = asked.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let offsets = by_partition(topics, |topic, asked| Offset {
        topic,
        partition: asked.partition_index,
        offset: asked.committed_offset,
    })?;
    Ok(Request::TxnOffsetCommit {
        transactional_id: asked.transactional_id.to_string(),
        group: asked.group_id.to_string(),
        producer_id: asked.producer_id.0,
        epoch: asked.producer_epoch,
        generation: asked.generation_id,
        member: asked.member_id.to_string(),
        offsets,
    })
}

pub fn txn_offset_committed(said: TxnOffsetCommitResponse) -> Result<Response> {
    let topics = said.topics.into_iter().map(|topic| (topic.name, topic.partitions));
    let partitions = by_partition(topics, |topic, said| PartitionError {
        topic,
        partition: said.partition_index,
        error: said.error_code,
    })?;
    Ok(Response::TxnOffsetCommit { partitions })
}
