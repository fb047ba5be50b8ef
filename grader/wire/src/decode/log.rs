//! Produce and Fetch, which are read by hand: one function per message, written like Kafka's schema of it.
//!
//! `version >= 5` before a field means what `"versions": "5+"` means in the schema: older clients do not send it. A
//! result that is read and dropped is a field that no check asks for, but that lies before one that is.

use super::{bounded, topic_id};
use crate::batch;
use crate::batches::Batches;
use crate::reader::{Reader, Result};
use crate::request::{FetchFrom, Request, TopicPartition};
use crate::response::{Fetched, Produced, Response};

/// Topics by name, or by id (KIP-516), and in each of them partitions; flattened to one list.
fn by_partition<T>(
    by_id: bool,
    r: &mut Reader,
    mut each: impl FnMut(&mut Reader, &str) -> Result<T>,
) -> Result<Vec<T>> {
    let mut flat = Vec::new();
    r.array("topics", |r| {
        let topic = if by_id { topic_id(r.uuid("topic_id")?) } else { bounded(r.string("topic")?)? };
        r.array("partitions", |r| {
            flat.push(each(r, &topic)?);
            Ok(())
        })?;
        r.skip_tags()
    })?;
    Ok(flat)
}

/// Topics, and in each of them partitions as bare numbers, which have no tagged fields of their own.
pub fn partitions(by_id: bool, r: &mut Reader) -> Result<Vec<TopicPartition>> {
    by_partition(by_id, r, |r, topic| {
        Ok(TopicPartition { topic: topic.to_owned(), partition: r.i32("partition_index")? })
    })
}

pub fn produce(version: i16, r: &mut Reader) -> Result<Request> {
    let transactional_id = if version >= 3 { r.nullable_string("transactional_id")? } else { None };
    let acks = r.i16("acks")?;
    let timeout_ms = r.i32("timeout_ms")?;
    let mut batches = Batches::default();
    by_partition(version >= 13, r, |r, topic| {
        let partition = r.i32("index")?;
        let records = r.bytes("records")?;
        r.skip_tags()?;
        batches.add(topic, partition, records);
        Ok(())
    })?;
    Ok(Request::Produce { acks, transactional_id, timeout_ms, batches })
}

/// Of the answer to Produce, all but what follows its topics.
pub fn produced(version: i16, r: &mut Reader) -> Result<Response> {
    let partitions = by_partition(version >= 13, r, |r, topic| {
        let found = Produced {
            topic: topic.to_owned(),
            partition: r.i32("index")?,
            error: r.i16("error_code")?,
            base_offset: r.i64("base_offset")?,
        };
        if version >= 2 {
            r.i64("log_append_time_ms")?;
        }
        if version >= 5 {
            r.i64("log_start_offset")?;
        }
        if version >= 8 {
            r.array("record_errors", |r| {
                r.i32("batch_index")?;
                r.nullable_string("batch_index_error_message")?;
                r.skip_tags()
            })?;
            r.nullable_string("error_message")?;
        }
        r.skip_tags()?;
        Ok(found)
    })?;
    Ok(Response::Produce { partitions })
}

pub fn fetch(version: i16, r: &mut Reader) -> Result<Request> {
    if version <= 14 {
        r.i32("replica_id")?;
    }
    let max_wait_ms = r.i32("max_wait_ms")?;
    let min_bytes = r.i32("min_bytes")?;
    if version >= 3 {
        r.i32("max_bytes")?;
    }
    let isolation = if version >= 4 { r.i8("isolation_level")? } else { 0 };
    let mut session_epoch = -1;
    if version >= 7 {
        r.i32("session_id")?;
        session_epoch = r.i32("session_epoch")?;
    }
    let partitions = by_partition(version >= 13, r, |r, topic| {
        let partition = r.i32("partition")?;
        if version >= 9 {
            r.i32("current_leader_epoch")?;
        }
        let offset = r.i64("fetch_offset")?;
        if version >= 12 {
            r.i32("last_fetched_epoch")?;
        }
        if version >= 5 {
            r.i64("log_start_offset")?;
        }
        r.i32("partition_max_bytes")?;
        r.skip_tags()?;
        Ok(FetchFrom { topic: topic.to_owned(), partition, offset })
    })?;
    let forgotten = if version >= 7 { self::partitions(version >= 13, r)? } else { Vec::new() };
    Ok(Request::Fetch { isolation, max_wait_ms, min_bytes, session_epoch, partitions, forgotten })
}

/// Of the answer to Fetch, all but the tagged fields at its end.
pub fn fetched(version: i16, r: &mut Reader) -> Result<Response> {
    if version >= 1 {
        r.i32("throttle_time_ms")?;
    }
    let mut error = 0;
    if version >= 7 {
        error = r.i16("error_code")?;
        r.i32("session_id")?;
    }
    let partitions = by_partition(version >= 13, r, |r, topic| {
        let partition = r.i32("partition_index")?;
        let error = r.i16("error_code")?;
        let high_watermark = r.i64("high_watermark")?;
        if version >= 4 {
            r.i64("last_stable_offset")?;
        }
        if version >= 5 {
            r.i64("log_start_offset")?;
        }
        if version >= 4 {
            r.array("aborted_transactions", |r| {
                r.i64("producer_id")?;
                r.i64("first_offset")?;
                r.skip_tags()
            })?;
        }
        if version >= 11 {
            r.i32("preferred_read_replica")?;
        }
        let (records, count) = batch::span(&r.bytes("records")?);
        r.skip_tags()?;
        Ok(Fetched { topic: topic.to_owned(), partition, error, high_watermark, records, count })
    })?;
    Ok(Response::Fetch { error, partitions })
}
