//! May a producer write to a partition as a part of its transaction? A partition that it has not written to asks the
//! coordinator before it accepts anything, so that nothing can hang there that no marker would ever end (KIP-890).
//! (`AddPartitionsToTxnManager`, `TransactionCoordinator.handleVerifyPartitionsInTransaction` in Kafka)

use kafka_protocol::ResponseError;

use crate::core::Core;
use crate::producers::Producer;
use crate::time::Now;

/// From this version of Produce on, the first batch adds its partition to the transaction.
const ADDS_SINCE: i16 = 12;
/// From this version of Produce on, clients know `TransactionAbortable`.
const ABORTABLE_SINCE: i16 = 11;

/// Looks whether the partition is part of the producer's transaction, or makes it so for newer versions of Produce.
///
/// # Errors
/// What Produce answers: `InvalidTxnState` or `TransactionAbortable` (it is no part), `InvalidProducerEpoch` (a newer
/// producer has taken over), `InvalidProducerIdMapping`, and `NotEnoughReplicas`, which makes every client try once more.
pub(crate) fn verify_produce(
    core: &mut Core,
    transactional_id: &str,
    producer: Producer,
    partition: (&str, i32),
    version: i16,
    now: Now,
) -> Result<(), ResponseError> {
    core.coordinator(transactional_id).ok_or(ResponseError::NotEnoughReplicas)?;
    let partition = (partition.0.to_owned(), partition.1);
    let verified = core.transactions.change(transactional_id, |transaction| {
        transaction.check(producer)?;
        if transaction.partitions.contains(&partition) {
            return Ok(());
        }
        if version < ADDS_SINCE {
            return Err(ResponseError::TransactionAbortable);
        }
        transaction.begin(now);
        transaction.partitions.insert(partition);
        Ok(())
    })?;
    verified.map_err(|error| match error {
        ResponseError::TransactionAbortable if version < ABORTABLE_SINCE => ResponseError::InvalidTxnState,
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        ResponseError::ConcurrentTransactions => ResponseError::NotEnoughReplicas,
        error => error,
    })
}
