//! InitProducerId with a transactional id.

use kafka_protocol::ResponseError;

use super::end;
use super::state::{State, Transaction};
use crate::core::Core;
use crate::core::call::Caller;
use crate::producers::Producer;
use crate::time::Now;

/// Makes a producer the only one of this transactional id: whoever had it before is fenced.
///
/// # Errors
/// As `TransactionCoordinator.handleInitProducerId`. `ConcurrentTransactions` says that a transaction of the predecessor
/// was still open; it has been aborted, and the producer is to ask again.
pub(crate) fn init_producer(
    core: &mut Core,
    id: &str,
    timeout_ms: i32,
    expected: Option<Producer>,
    caller: &Caller,
    now: Now,
) -> Result<Producer, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    if !(1..=core.settings.max_transaction_ms).contains(&timeout_ms) {
        return Err(ResponseError::InvalidTransactionTimeout);
    }
    core.check_coordinator(id, caller)?;
    if core.transactions.get(id).is_none() {
        core.transactions.make_room(core.settings.most_transactional_ids)?;
        core.transactions.insert(id, Transaction::new(core.producers.new_id(), timeout_ms, now));
    }
    let transaction = core.transactions.get(id).ok_or(ResponseError::CoordinatorNotAvailable)?;
    if expected.is_some_and(|expected| !transaction.accepts(expected)) {
        return Err(ResponseError::ProducerFenced);
    }
    match transaction.state {
        State::PrepareCommit | State::PrepareAbort => Err(ResponseError::ConcurrentTransactions),
        State::Ongoing => {
            end::abort(core, id, now);
            Err(ResponseError::ConcurrentTransactions)
        }
        State::Empty | State::CompleteCommit | State::CompleteAbort => {
            let producers = &mut core.producers;
            core.transactions.change(id, |transaction| transaction.init(expected, timeout_ms, producers, now))?
        }
    }
}
