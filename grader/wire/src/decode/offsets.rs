//! Committed offsets: OffsetCommit, OffsetFetch, TxnOffsetCommit. They go to the group's coordinator.

use super::{by_partition, by_partition_or_null, named, partition_error, partition_number};
use crate::reader::{Reader, Result};
use crate::request::{Offset, Request, TopicPartition};
use crate::response::{Committed, Response};

pub fn offset_commit(version: i16, r: &mut Reader) -> Result<Request> {
    let group = r.string("group_id")?;
    let (mut generation, mut member) = (-1, String::new());
    if version >= 1 {
        generation = r.i32("generation_id_or_member_epoch")?;
        member = r.string("member_id")?;
    }
    if version >= 7 {
        r.nullable_string("group_instance_id")?;
    }
    if (2..=4).contains(&version) {
        r.i64("retention_time_ms")?;
    }
    let offsets = by_partition(r, named(version >= 10), |r, topic| {
        let partition = r.i32("partition_index")?;
        let offset = r.i64("committed_offset")?;
        if version >= 6 {
            r.i32("committed_leader_epoch")?;
        }
        if version == 1 {
            r.i64("commit_timestamp")?;
        }
        r.nullable_string("committed_metadata")?;
        r.skip_tags()?;
        Ok(Offset { topic: topic.to_owned(), partition, offset })
    })?;
    Ok(Request::OffsetCommit { group, generation, member, offsets })
}

pub fn offset_committed(version: i16, r: &mut Reader) -> Result<Response> {
    if version >= 3 {
        r.i32("throttle_time_ms")?;
    }
    let partitions = by_partition(r, named(version >= 10), partition_error)?;
    Ok(Response::OffsetCommit { partitions })
}

/// One group's part of the request; before v8 the whole request is one.
fn of_group(version: i16, r: &mut Reader) -> Result<(String, Option<Vec<TopicPartition>>)> {
    let group = r.string("group_id")?;
    if version >= 9 {
        r.nullable_string("member_id")?;
        r.i32("member_epoch")?;
    }
    let partitions = by_partition_or_null(r, named(version >= 10), partition_number)?;
    if version >= 8 {
        r.skip_tags()?;
    }
    Ok((group, partitions))
}

pub fn offset_fetch(version: i16, r: &mut Reader) -> Result<Request> {
    let mut groups =
        if version >= 8 { r.array("groups", |r| of_group(version, r))? } else { vec![of_group(version, r)?] }
            .into_iter();
    let require_stable = version >= 7 && r.bool("require_stable")?;
    let (group, partitions) = groups.next().unwrap_or_default();
    Ok(Request::OffsetFetch {
        group,
        partitions,
        require_stable,
        more_groups: groups.map(|(group, _)| group).collect(),
    })
}

pub fn offset_fetched(version: i16, r: &mut Reader) -> Result<Response> {
    let committed = |r: &mut Reader, topic: &str| {
        let partition = r.i32("partition_index")?;
        let offset = r.i64("committed_offset")?;
        if version >= 5 {
            r.i32("committed_leader_epoch")?;
        }
        r.nullable_string("metadata")?;
        let error = r.i16("error_code")?;
        r.skip_tags()?;
        Ok(Committed { topic: topic.to_owned(), partition, offset, error })
    };
    if version >= 3 {
        r.i32("throttle_time_ms")?;
    }
    if version < 8 {
        let offsets = by_partition(r, named(false), committed)?;
        let error = if version >= 2 { r.i16("error_code")? } else { 0 };
        return Ok(Response::OffsetFetch { error, offsets });
    }
    let (mut error, mut offsets) = (0, Vec::new());
    r.array("groups", |r| {
        r.string("group_id")?;
        offsets.extend(by_partition(r, named(version >= 10), committed)?);
        let of_this = r.i16("error_code")?;
        if error == 0 {
            error = of_this;
        }
        r.skip_tags()
    })?;
    Ok(Response::OffsetFetch { error, offsets })
}

pub fn txn_offset_commit(version: i16, r: &mut Reader) -> Result<Request> {
    let transactional_id = r.string("transactional_id")?;
    let group = r.string("group_id")?;
    let producer_id = r.i64("producer_id")?;
    let epoch = r.i16("producer_epoch")?;
    let (mut generation, mut member) = (-1, String::new());
    if version >= 3 {
        generation = r.i32("generation_id")?;
        member = r.string("member_id")?;
        r.nullable_string("group_instance_id")?;
    }
    let offsets = by_partition(r, named(false), |r, topic| {
        let partition = r.i32("partition_index")?;
        let offset = r.i64("committed_offset")?;
        if version >= 2 {
            r.i32("committed_leader_epoch")?;
        }
        r.nullable_string("committed_metadata")?;
        r.skip_tags()?;
        Ok(Offset { topic: topic.to_owned(), partition, offset })
    })?;
    Ok(Request::TxnOffsetCommit { transactional_id, group, producer_id, epoch, generation, member, offsets })
}

pub fn txn_offset_committed(r: &mut Reader) -> Result<Response> {
    r.i32("throttle_time_ms")?;
    let partitions = by_partition(r, named(false), partition_error)?;
    Ok(Response::TxnOffsetCommit { partitions })
}
