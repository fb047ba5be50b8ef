//! May a producer write somewhere as a part of its transaction? Before anything is accepted where it has not written to, the
//! coordinator is asked, so that nothing can hang there that no marker would ever end (KIP-890).
//! (`AddPartitionsToTxnManager`, `TransactionCoordinator.handleVerifyPartitionsInTransaction` in Kafka)

use kafka_protocol::ResponseError;

use super::state::Target;
use crate::core::Core;
use crate::producers::Producer;
use crate::time::Now;

/// What a client expects where it writes to what is not in its transaction. It depends on the version of its Produce or
/// TxnOffsetCommit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It knows no error that says so.
    Unnamed,
    /// It can be told to abort.
    Abortable,
    /// The broker adds it to the transaction.
    Implicit,
}

impl Admission {
    fn to_produce(version: i16) -> Admission {
        match version {
            ..=10 => Admission::Unnamed,
            11 => Admission::Abortable,
            12.. => Admission::Implicit,
        }
    }

    pub fn to_commit_offsets(version: i16) -> Admission {
        match version {
            ..=3 => Admission::Unnamed,
            4 => Admission::Abortable,
            5.. => Admission::Implicit,
        }
    }
}

/// Looks whether the partition is part of the producer's transaction, or makes it so for newer versions of Produce.
///
/// # Errors
/// What Produce answers: `InvalidTxnState` or `TransactionAbortable` (it is no part), `InvalidProducerEpoch` (a newer
/// producer has taken over), `InvalidProducerIdMapping`, and `NotEnoughReplicas`, which makes every client try once more.
pub(crate) fn verify_produce(
    core: &mut Core,
    transactional_id: &str,
    producer: Producer,
    (topic, index): (&str, i32),
    version: i16,
    now: Now,
) -> Result<(), ResponseError> {
    let admission = Admission::to_produce(version);
    let target = Target::Partition(topic.to_owned(), index);
    admit(core, transactional_id, producer, admission, target, now).map_err(|error| match error {
        ResponseError::CoordinatorNotAvailable => ResponseError::NotEnoughReplicas,
        ResponseError::ConcurrentTransactions if admission != Admission::Implicit => ResponseError::NotEnoughReplicas,
        error => error,
    })
}

/// May this producer write there now, within its transaction?
///
/// # Errors
/// As a broker gets them from the coordinator; a fenced producer is told so by `InvalidProducerEpoch`.
pub(super) fn admit(
    core: &mut Core,
    id: &str,
    producer: Producer,
    admission: Admission,
    target: Target,
    now: Now,
) -> Result<(), ResponseError> {
    core.coordinator(id).ok_or(ResponseError::CoordinatorNotAvailable)?;
    let admitted = match admission {
        Admission::Implicit if id.is_empty() => Err(ResponseError::InvalidRequest),
        Admission::Implicit => core.transactions.change(id, |transaction| {
            transaction.check(producer)?;
            transaction.add([target], now);
            Ok(())
        })?,
        Admission::Unnamed | Admission::Abortable => verify(core, id, producer, &target),
    };
    admitted.map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        ResponseError::TransactionAbortable if admission == Admission::Unnamed => ResponseError::InvalidTxnState,
        error => error,
    })
}

/// Is this a part of the producer's transaction?
///
/// # Errors
/// `TransactionAbortable` if it is not, and whatever says that the producer may not write at all.
pub(super) fn verify(core: &Core, id: &str, producer: Producer, target: &Target) -> Result<(), ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    let transaction = core.transactions.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
    transaction.check(producer)?;
    match transaction.targets.contains_key(target) {
        true => Ok(()),
        false => Err(ResponseError::TransactionAbortable),
    }
}
