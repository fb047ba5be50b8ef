//! Answers that no broker gave: how the tap injects a fault.
//!
//! A response has the shape of its request: an error for each topic and partition that was asked for, or one error for
//! the whole. So the request is walked, and what it names is copied to the answer byte for byte; that works for topic
//! names and topic ids alike, because both messages write them in the same way.

use bytes::Bytes;

use super::api::*;
use super::head::{RequestHead, check_version};
use super::reader::{Malformed, Reader, Result};
use super::writer::Writer;

/// The response that answers this request with `error`, as a frame without its length.
pub fn refuse(head: &RequestHead, frame: &Bytes, error: i16) -> Result<Bytes> {
    let (api, version) = (head.api, head.version);
    let answer = || {
        check_version(api, version)?;
        let mut out = Writer::response(head.correlation, flexible_answer(api, version), flexible(api, version));
        body(api, version, &mut head.body(frame), &mut out, error)?;
        Ok(out.finish())
    };
    answer().map_err(|why: Malformed| why.within(format_args!("refusing {} v{version}", api_name(api))))
}

fn body(api: i16, v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    match api {
        PRODUCE => produce(v, r, out, error)?,
        FETCH => fetch(v, r, out, error)?,
        LIST_OFFSETS => list_offsets(v, r, out, error)?,
        METADATA => metadata(v, r, out, error)?,
        OFFSET_COMMIT => offset_commit(v, r, out, error)?,
        OFFSET_FETCH => offset_fetch(v, r, out, error)?,
        FIND_COORDINATOR => find_coordinator(v, r, out, error)?,
        TXN_OFFSET_COMMIT => txn_offset_commit(v, r, out, error)?,
        ADD_PARTITIONS_TO_TXN => add_partitions(v, r, out, error)?,
        JOIN_GROUP => join_group(v, r, out, error)?,
        SYNC_GROUP => {
            throttle(v >= 1, out);
            out.i16(error);
            if v >= 5 {
                out.null_string(); // protocol_type
                out.null_string(); // protocol_name
            }
            out.no_bytes(); // assignment
        }
        HEARTBEAT => {
            throttle(v >= 1, out);
            out.i16(error);
        }
        LEAVE_GROUP => {
            throttle(v >= 1, out);
            out.i16(error);
            if v >= 3 {
                out.empty_array(); // members: none, where the whole request failed
            }
        }
        CONSUMER_GROUP_HEARTBEAT => {
            throttle(true, out);
            out.i16(error);
            out.null_string(); // error_message
            out.null_string(); // member_id
            out.i32(0); // member_epoch
            out.i32(0); // heartbeat_interval_ms
            out.i8(-1); // assignment: null
        }
        INIT_PRODUCER_ID => {
            throttle(true, out);
            out.i16(error);
            out.i64(-1); // producer_id
            out.i16(-1); // producer_epoch
        }
        ADD_OFFSETS_TO_TXN => {
            throttle(true, out);
            out.i16(error);
        }
        END_TXN => {
            throttle(true, out);
            out.i16(error);
            if v >= 5 {
                out.i64(-1); // producer_id
                out.i16(-1); // producer_epoch
            }
        }
        _ => {
            return Err(Malformed::new("no answer is known for this kind of request"));
        }
    }
    out.no_tags();
    Ok(())
}

fn throttle(has: bool, out: &mut Writer) {
    if has {
        out.i32(0); // throttle_time_ms
    }
}

/// A topic as the request writes it, and the partitions asked for.
type Asked = (Bytes, Vec<i32>);

/// Walks topics and partitions; `rest` reads what follows a partition's number.
fn asked(by_id: bool, r: &mut Reader, rest: impl FnMut(&mut Reader) -> Result<()>) -> Result<Vec<Asked>> {
    Ok(asked_or_null(by_id, r, rest)?.unwrap_or_default())
}

fn asked_or_null(
    by_id: bool,
    r: &mut Reader,
    mut rest: impl FnMut(&mut Reader) -> Result<()>,
) -> Result<Option<Vec<Asked>>> {
    r.nullable_array("topics", |r| {
        let start = r.at();
        if by_id {
            r.uuid("topic_id")?;
        } else {
            r.string("topic")?;
        }
        let topic = r.since(start);
        let partitions = r.array("partitions", |r| {
            let partition = r.i32("partition_index")?;
            rest(r)?;
            Ok(partition)
        })?;
        r.skip_tags()?;
        Ok((topic, partitions))
    })
}

/// Writes topics and partitions; `each` writes all of a partition but its tagged fields.
fn answered(out: &mut Writer, topics: Vec<Asked>, each: impl Fn(&mut Writer, i32)) {
    out.array(topics, |out, (topic, partitions)| {
        out.raw(&topic);
        out.array(partitions, |out, partition| {
            each(out, partition);
            out.no_tags();
        });
        out.no_tags();
    });
}

fn produce(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    if v >= 3 {
        r.nullable_string("transactional_id")?;
    }
    r.i16("acks")?;
    r.i32("timeout_ms")?;
    let topics = asked(v >= 13, r, |r| {
        r.nullable_bytes("records")?;
        r.skip_tags()
    })?;
    answered(out, topics, |out, partition| {
        out.i32(partition);
        out.i16(error);
        out.i64(-1); // base_offset
        if v >= 2 {
            out.i64(-1); // log_append_time_ms
        }
        if v >= 5 {
            out.i64(-1); // log_start_offset
        }
        if v >= 8 {
            out.empty_array(); // record_errors
            out.null_string(); // error_message
        }
    });
    throttle(v >= 1, out);
    Ok(())
}

fn fetch(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    if v <= 14 {
        r.i32("replica_id")?;
    }
    r.i32("max_wait_ms")?;
    r.i32("min_bytes")?;
    if v >= 3 {
        r.i32("max_bytes")?;
    }
    if v >= 4 {
        r.i8("isolation_level")?;
    }
    if v >= 7 {
        r.i32("session_id")?;
        r.i32("session_epoch")?;
    }
    let topics = asked(v >= 13, r, |r| {
        if v >= 9 {
            r.i32("current_leader_epoch")?;
        }
        r.i64("fetch_offset")?;
        if v >= 12 {
            r.i32("last_fetched_epoch")?;
        }
        if v >= 5 {
            r.i64("log_start_offset")?;
        }
        r.i32("partition_max_bytes")?;
        r.skip_tags()
    })?;
    throttle(v >= 1, out);
    if v >= 7 {
        // A client in the middle of a fetch session may have named no partition; then the whole request must fail.
        out.i16(if topics.is_empty() { error } else { 0 });
        out.i32(0); // session_id: no session, so the next request names all its partitions
    }
    answered(out, topics, |out, partition| {
        out.i32(partition);
        out.i16(error);
        out.i64(-1); // high_watermark
        if v >= 4 {
            out.i64(-1); // last_stable_offset
        }
        if v >= 5 {
            out.i64(-1); // log_start_offset
        }
        if v >= 4 {
            out.empty_array(); // aborted_transactions
        }
        if v >= 11 {
            out.i32(-1); // preferred_read_replica
        }
        out.no_bytes(); // records
    });
    Ok(())
}

fn list_offsets(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    r.i32("replica_id")?;
    if v >= 2 {
        r.i8("isolation_level")?;
    }
    let topics = asked(false, r, |r| {
        if v >= 4 {
            r.i32("current_leader_epoch")?;
        }
        r.i64("timestamp")?;
        if v == 0 {
            r.i32("max_num_offsets")?;
        }
        r.skip_tags()
    })?;
    throttle(v >= 2, out);
    answered(out, topics, |out, partition| {
        out.i32(partition);
        out.i16(error);
        if v == 0 {
            out.empty_array(); // old_style_offsets
        } else {
            out.i64(-1); // timestamp
            out.i64(-1); // offset
        }
        if v >= 4 {
            out.i32(-1); // leader_epoch
        }
    });
    Ok(())
}

/// Only a request that names its topics can be refused: before v13 an answer has no error but those of its topics.
fn metadata(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    let topics = r.nullable_array("topics", |r| {
        let id = if v >= 10 { r.uuid("topic_id")? } else { [0; 16] };
        let name = r.nullable_string("name")?;
        r.skip_tags()?;
        Ok((id, name))
    })?;
    let topics = topics.unwrap_or_default();
    if topics.is_empty() && v < 13 {
        return Err(Malformed::new("it asks for all topics, and no answer to that can say an error"));
    }
    throttle(v >= 3, out);
    out.empty_array(); // brokers
    if v >= 2 {
        out.null_string(); // cluster_id
    }
    if v >= 1 {
        out.i32(-1); // controller_id
    }
    out.array(topics, |out, (id, name)| {
        out.i16(error);
        match name {
            Some(name) => out.string(&name),
            None if v >= 12 => out.null_string(),
            None => out.string(""),
        }
        if v >= 10 {
            out.raw(&id);
        }
        if v >= 1 {
            out.i8(0); // is_internal
        }
        out.empty_array(); // partitions
        if v >= 8 {
            out.i32(i32::MIN); // topic_authorized_operations: not asked for
        }
        out.no_tags();
    });
    if (8..=10).contains(&v) {
        out.i32(i32::MIN); // cluster_authorized_operations
    }
    if v >= 13 {
        out.i16(error);
    }
    Ok(())
}

fn offset_commit(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    r.string("group_id")?;
    if v >= 1 {
        r.i32("generation_id_or_member_epoch")?;
        r.string("member_id")?;
    }
    if v >= 7 {
        r.nullable_string("group_instance_id")?;
    }
    if (2..=4).contains(&v) {
        r.i64("retention_time_ms")?;
    }
    let topics = asked(v >= 10, r, |r| {
        r.i64("committed_offset")?;
        if v >= 6 {
            r.i32("committed_leader_epoch")?;
        }
        if v == 1 {
            r.i64("commit_timestamp")?;
        }
        r.nullable_string("committed_metadata")?;
        r.skip_tags()
    })?;
    throttle(v >= 3, out);
    answered(out, topics, |out, partition| {
        out.i32(partition);
        out.i16(error);
    });
    Ok(())
}

fn offset_fetch(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    let unknown = |out: &mut Writer, partition| {
        out.i32(partition);
        out.i64(-1); // committed_offset
        if v >= 5 {
            out.i32(-1); // committed_leader_epoch
        }
        out.string(""); // metadata
        out.i16(error);
    };
    throttle(v >= 3, out);
    if v < 8 {
        r.string("group_id")?;
        let topics = asked(false, r, |_| Ok(()))?;
        answered(out, topics, unknown);
        if v >= 2 {
            out.i16(error);
        }
        return Ok(());
    }
    let groups = r.array("groups", |r| {
        let start = r.at();
        r.string("group_id")?;
        let group = r.since(start);
        if v >= 9 {
            r.nullable_string("member_id")?;
            r.i32("member_epoch")?;
        }
        let topics = asked_or_null(v >= 10, r, |_| Ok(()))?;
        r.skip_tags()?;
        Ok((group, topics.unwrap_or_default()))
    })?;
    out.array(groups, |out, (group, topics)| {
        out.raw(&group);
        answered(out, topics, unknown);
        out.i16(error);
        out.no_tags();
    });
    Ok(())
}

fn find_coordinator(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    let nowhere = |out: &mut Writer| {
        out.i32(-1); // node_id
        out.string(""); // host
        out.i32(-1); // port
    };
    throttle(v >= 1, out);
    if v < 4 {
        out.i16(error);
        if v >= 1 {
            out.null_string(); // error_message
        }
        nowhere(out);
        return Ok(());
    }
    r.i8("key_type")?;
    let keys = r.array("coordinator_keys", |r| r.string("key"))?;
    out.array(keys, |out, key| {
        out.string(&key);
        nowhere(out);
        out.i16(error);
        out.null_string(); // error_message
        out.no_tags();
    });
    Ok(())
}

/// The member id is repeated, as a broker does: with MEMBER_ID_REQUIRED (79) it is the point of the answer.
fn join_group(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    r.string("group_id")?;
    r.i32("session_timeout_ms")?;
    if v >= 1 {
        r.i32("rebalance_timeout_ms")?;
    }
    let member = r.string("member_id")?;
    throttle(v >= 2, out);
    out.i16(error);
    out.i32(-1); // generation_id
    if v >= 7 {
        out.null_string(); // protocol_type
        out.null_string(); // protocol_name, which may be null since the same version
    } else {
        out.string("");
    }
    out.string(""); // leader
    if v >= 9 {
        out.i8(0); // skip_assignment
    }
    out.string(&member);
    out.empty_array(); // members
    Ok(())
}

fn txn_offset_commit(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    r.string("transactional_id")?;
    r.string("group_id")?;
    r.i64("producer_id")?;
    r.i16("producer_epoch")?;
    if v >= 3 {
        r.i32("generation_id")?;
        r.string("member_id")?;
        r.nullable_string("group_instance_id")?;
    }
    let topics = asked(false, r, |r| {
        r.i64("committed_offset")?;
        if v >= 2 {
            r.i32("committed_leader_epoch")?;
        }
        r.nullable_string("committed_metadata")?;
        r.skip_tags()
    })?;
    throttle(true, out);
    answered(out, topics, |out, partition| {
        out.i32(partition);
        out.i16(error);
    });
    Ok(())
}

fn add_partitions(v: i16, r: &mut Reader, out: &mut Writer, error: i16) -> Result<()> {
    let each = |out: &mut Writer, partition| {
        out.i32(partition);
        out.i16(error);
    };
    let transaction = |r: &mut Reader| {
        let start = r.at();
        r.string("transactional_id")?;
        let id = r.since(start);
        r.i64("producer_id")?;
        r.i16("producer_epoch")?;
        if v >= 4 {
            r.bool("verify_only")?;
        }
        let topics = asked(false, r, |_| Ok(()))?;
        r.skip_tags()?;
        Ok((id, topics))
    };
    throttle(true, out);
    if v < 4 {
        let (_, topics) = transaction(r)?;
        answered(out, topics, each);
        return Ok(());
    }
    let transactions = r.array("transactions", transaction)?;
    out.i16(error);
    out.array(transactions, |out, (id, topics)| {
        out.raw(&id);
        answered(out, topics, each);
        out.no_tags();
    });
    Ok(())
}
