//! EndTxn: a transaction is committed or aborted, and every partition of it is told by a marker.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{EndTxnRequest, EndTxnResponse, ProducerId};

use super::state::{Outcome, State, Target, Transaction, TransactionVersion, Written};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group;
use crate::log::config::LogConfig;
use crate::partition::Marker;
use crate::producers::{NO_PRODUCER, Producer};
use crate::time::Now;

pub(super) fn step(core: &mut Core, request: &EndTxnRequest, caller: &Caller, now: Now) -> Step {
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let outcome = if request.committed { Outcome::Commit } else { Outcome::Abort };
    let version = if caller.version >= 5 { TransactionVersion::Two } else { TransactionVersion::One };
    let ended = end(core, &request.transactional_id, producer, outcome, version, caller, now);
    let (error, next) = match ended {
        Ok(next) => (0, next),
        Err(ResponseError::ProducerFenced) if caller.version < 2 => {
            (ResponseError::InvalidProducerEpoch.code(), NO_PRODUCER)
        }
        Err(error) => (error.code(), NO_PRODUCER),
    };
    let answer = EndTxnResponse::default()
        .with_error_code(error)
        .with_producer_id(ProducerId(next.id))
        .with_producer_epoch(next.epoch);
    Step::answer(answer)
}

/// What has to be done to end a transaction.
enum Next {
    /// It is to be ended.
    End,
    /// It has been already, and the client has missed the answer.
    Repeat,
}

/// Ends a transaction and returns whom the producer is from now on, if its version of transactions changes that.
fn end(
    core: &mut Core,
    id: &str,
    producer: Producer,
    outcome: Outcome,
    version: TransactionVersion,
    caller: &Caller,
    now: Now,
) -> Result<Producer, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    core.check_coordinator(id, caller)?;
    let transaction = core.transactions.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
    let next = match version {
        TransactionVersion::One => check(transaction, producer, outcome)?,
        TransactionVersion::Two => check_with_epochs(transaction, producer, outcome)?,
    };
    let told = |transaction: &Transaction| match version {
        TransactionVersion::One => NO_PRODUCER,
        TransactionVersion::Two => transaction.next_producer(),
    };
    match next {
        Next::Repeat => Ok(told(transaction)),
        Next::End => {
            let producers = &mut core.producers;
            let next = core.transactions.change(id, |transaction| {
                transaction.prepare(outcome, version, producers, now);
                told(transaction)
            })?;
            write_markers(core, id, now);
            Ok(next)
        }
    }
}

/// May this producer end the transaction? (`TransactionCoordinator.endTransactionWithTV1`)
fn check(transaction: &Transaction, producer: Producer, outcome: Outcome) -> Result<Next, ResponseError> {
    if transaction.producer.id != producer.id {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    if transaction.producer.epoch != producer.epoch {
        return Err(ResponseError::ProducerFenced);
    }
    match (transaction.state, outcome) {
        (State::Ongoing, _) => Ok(Next::End),
        (State::CompleteCommit, Outcome::Commit) | (State::CompleteAbort, Outcome::Abort) => Ok(Next::Repeat),
        (State::PrepareCommit, Outcome::Commit) | (State::PrepareAbort, Outcome::Abort) => {
            Err(ResponseError::ConcurrentTransactions)
        }
        _ => Err(ResponseError::InvalidTxnState),
    }
}

/// The same where each transaction has its own epoch: the epoch tells a repeated request from one that ends the next
/// transaction, which may be empty. (`TransactionCoordinator.endTransaction`)
fn check_with_epochs(transaction: &Transaction, producer: Producer, outcome: Outcome) -> Result<Next, ResponseError> {
    let same = transaction.producer.epoch == producer.epoch;
    let repeated = transaction.is_repeated(producer);
    if transaction.producer.id != producer.id && !transaction.has_replaced(producer) {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    let valid = match transaction.state {
        State::Ongoing | State::Empty => same,
        State::PrepareCommit | State::PrepareAbort => repeated,
        State::CompleteCommit | State::CompleteAbort => same || repeated,
    };
    if !valid {
        return Err(ResponseError::ProducerFenced);
    }
    match (transaction.state, outcome) {
        (State::Ongoing, _) | (State::Empty, Outcome::Abort) => Ok(Next::End),
        (State::CompleteCommit, Outcome::Commit) | (State::CompleteAbort, Outcome::Abort) if repeated => {
            Ok(Next::Repeat)
        }
        (State::CompleteCommit | State::CompleteAbort, Outcome::Abort) if !repeated => Ok(Next::End),
        (State::PrepareCommit, Outcome::Commit) | (State::PrepareAbort, Outcome::Abort) => {
            Err(ResponseError::ConcurrentTransactions)
        }
        _ => Err(ResponseError::InvalidTxnState),
    }
}

/// Aborts an ongoing transaction for the coordinator's own reasons: its time is up, or a successor has come. The producer
/// is fenced by the epoch of its markers, which nobody is given.
pub(super) fn abort(core: &mut Core, id: &str, now: Now) {
    let producers = &mut core.producers;
    let prepared = core.transactions.change(id, |transaction| {
        transaction.prepare(Outcome::Abort, TransactionVersion::Two, producers, now);
    });
    if prepared.is_ok() {
        write_markers(core, id, now);
    }
}

/// Writes a marker into every partition of the transaction, and completes it when all of them are replicated. Until then
/// the producer is told to wait (`ConcurrentTransactions`); so are others, while a partition has no leader.
pub(super) fn write_markers(core: &mut Core, id: &str, now: Now) {
    let Some(transaction) = core.transactions.get(id) else { return };
    let producer_id = transaction.producer.id;
    let commit = transaction.state == State::PrepareCommit;
    let marker = Marker { producer_id, producer_epoch: transaction.producer.epoch, commit, coordinator_epoch: 0 };
    let groups = transaction.groups.clone();
    let targets = transaction.targets.clone();
    let mut remaining = BTreeMap::new();
    for (target, written) in targets {
        // What is done for offsets is done below, for each group.
        let Target::Partition(topic, index) = &target else { continue };
        if let Progress::Waits(written) = write_marker(core, (topic, *index), &marker, written, now) {
            remaining.insert(target, written);
        }
    }
    for group in &groups {
        group::end_transaction(core, group, producer_id, commit);
    }
    let written = core.transactions.change(id, |transaction| {
        transaction.groups.clear();
        transaction.targets = remaining;
        if transaction.targets.is_empty() {
            transaction.complete(now);
        }
    });
    debug_assert!(written.is_ok());
}

enum Progress {
    Done,
    /// The marker is not replicated, or not even written.
    Waits(Option<Written>),
}

/// Brings a marker further on its way into a partition. It is acknowledged like a record with `acks=all`.
fn write_marker(
    core: &mut Core,
    (topic, index): (&str, i32),
    marker: &Marker,
    written: Option<Written>,
    now: Now,
) -> Progress {
    let find = |core: &Core| {
        let topic = core.topics.get(topic)?;
        let partition = topic.partition(index)?;
        let min_in_sync = LogConfig::new(&topic.settings, &core.settings).min_in_sync;
        let waits = partition.leader.is_none() || partition.is_under_min_in_sync(min_in_sync);
        Some((partition.epoch, partition.high_watermark(), waits))
    };
    // One that has been deleted meanwhile needs no marker.
    let Some((epoch, _, waits)) = find(core) else { return Progress::Done };
    let written = match written {
        // Another leader may not have it.
        Some(written) if written.epoch == epoch => written,
        _ if waits => return Progress::Waits(None),
        _ => match core.append_marker(topic, index, marker, now) {
            Ok(offset) => Written { offset, epoch },
            // Somebody has written there with an epoch that was not given to him. Kafka leaves it at that.
            Err(_) => return Progress::Done,
        },
    };
    match find(core) {
        Some((_, high_watermark, _)) if high_watermark <= written.offset => Progress::Waits(Some(written)),
        _ => Progress::Done,
    }
}
