//! The coordinator of transactions: which producer may use a transactional id, and how its transaction ends.
//!
//! A transaction gathers partitions and consumer groups ([`add`], [`offsets`]) until the producer commits or aborts it
//! ([`end`]), its time is up, or a successor begins ([`init`]). Then a marker is written into each of the partitions, and
//! the groups are told. With KIP-890 each transaction has an epoch of its own, so that nothing late can slip into the
//! next one.

mod add;
mod describe;
mod describe_producers;
mod end;
mod init;
mod offsets;
mod state;
mod store;
mod verify;

use kafka_protocol::messages::RequestKind;

pub(crate) use init::init_producer;
pub(crate) use store::Transactions;
pub(crate) use verify::verify_produce;

use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::time::Now;

pub(crate) fn step(core: &mut Core, request: &RequestKind, caller: &Caller, now: Now) -> Step {
    match request {
        RequestKind::AddPartitionsToTxn(request) => add::partitions(core, request, caller, now),
        RequestKind::AddOffsetsToTxn(request) => add::offsets(core, request, caller, now),
        RequestKind::TxnOffsetCommit(request) => offsets::step(core, request, caller, now),
        RequestKind::EndTxn(request) => end::step(core, request, caller, now),
        RequestKind::DescribeTransactions(request) => describe::describe(core, request, caller),
        RequestKind::ListTransactions(request) => describe::list(core, request, caller, now),
        RequestKind::DescribeProducers(request) => describe_producers::step(core, request, caller),
        _ => Step::HangUp,
    }
}

/// Lets everything happen whose time has come.
pub(crate) fn tick(core: &mut Core, now: Now) {
    while let Some(id) = core.transactions.overdue(now) {
        end::abort(core, &id, now);
    }
    // A partition may have a leader again that had none when its marker was due.
    for id in core.transactions.preparing() {
        end::write_markers(core, &id, now);
    }
}

#[cfg(test)]
mod tests;
