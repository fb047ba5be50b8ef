//! Producer ids and transactions. They go to the transaction coordinator.

use super::{by_partition, error_after_throttle, named, partition_error, partition_number};
use crate::reader::{Reader, Result};
use crate::request::Request;
use crate::response::Response;

pub fn init_producer_id(version: i16, r: &mut Reader) -> Result<Request> {
    let transactional_id = r.nullable_string("transactional_id")?;
    let timeout_ms = r.i32("transaction_timeout_ms")?;
    let (mut producer_id, mut epoch) = (-1, -1);
    if version >= 3 {
        producer_id = r.i64("producer_id")?;
        epoch = r.i16("producer_epoch")?;
    }
    Ok(Request::InitProducerId { transactional_id, timeout_ms, producer_id, epoch })
}

pub fn producer_id(r: &mut Reader) -> Result<Response> {
    Ok(Response::InitProducerId {
        error: error_after_throttle(true, r)?,
        producer_id: r.i64("producer_id")?,
        epoch: r.i16("producer_epoch")?,
    })
}

/// From v4 on the request holds several transactions; those versions are for brokers, which check on behalf of
/// producers (KIP-890), so the first transaction is enough.
pub fn add_partitions(version: i16, r: &mut Reader) -> Result<Request> {
    let transaction = |r: &mut Reader| {
        let transactional_id = r.string("transactional_id")?;
        let producer_id = r.i64("producer_id")?;
        let epoch = r.i16("producer_epoch")?;
        if version >= 4 {
            r.bool("verify_only")?;
        }
        let partitions = by_partition(r, named(false), partition_number)?;
        r.skip_tags()?;
        Ok(Request::AddPartitionsToTxn { transactional_id, producer_id, epoch, partitions })
    };
    if version < 4 {
        return transaction(r);
    }
    let transactions = r.array("transactions", transaction)?;
    Ok(transactions.into_iter().next().unwrap_or(Request::Other))
}

pub fn partitions_added(version: i16, r: &mut Reader) -> Result<Response> {
    r.i32("throttle_time_ms")?;
    if version < 4 {
        let partitions = by_partition(r, named(false), partition_error)?;
        return Ok(Response::AddPartitionsToTxn { error: 0, partitions });
    }
    let error = r.i16("error_code")?;
    let mut partitions = Vec::new();
    r.array("results_by_transaction", |r| {
        r.string("transactional_id")?;
        partitions.extend(by_partition(r, named(false), partition_error)?);
        r.skip_tags()
    })?;
    Ok(Response::AddPartitionsToTxn { error, partitions })
}

pub fn add_offsets(r: &mut Reader) -> Result<Request> {
    Ok(Request::AddOffsetsToTxn {
        transactional_id: r.string("transactional_id")?,
        producer_id: r.i64("producer_id")?,
        epoch: r.i16("producer_epoch")?,
        group: r.string("group_id")?,
    })
}

pub fn end_txn(r: &mut Reader) -> Result<Request> {
    Ok(Request::EndTxn {
        transactional_id: r.string("transactional_id")?,
        producer_id: r.i64("producer_id")?,
        epoch: r.i16("producer_epoch")?,
        committed: r.bool("committed")?,
    })
}
