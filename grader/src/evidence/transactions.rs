//! The transactions of a run: what was sent in each, and how it ended.

use super::exchange::Exchange;
use super::{Event, Evidence, What};
use crate::wire::error::{
    CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR,
};
use crate::wire::{Batch, Offset, Request, Response};

/// A transaction of a producer, from the first that it sent in it.
#[derive(Debug, Clone)]
pub struct Transaction<'a> {
    pub role: Option<&'a str>,
    /// The producer's `transactional.id`.
    pub id: &'a str,
    /// Position of the first request in it.
    pub began: usize,
    /// What was sent in it and not refused, with the position of its request.
    pub batches: Vec<(usize, &'a Batch)>,
    /// Offsets sent in it and not refused, with their group and the position of their request.
    pub offsets: Vec<(usize, &'a str, &'a Offset)>,
    /// Position of the EndTxn request that decided it, as far as one was sent.
    pub end: Option<usize>,
    pub fate: Fate,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Committed,
    Aborted,
    /// The broker refused to end it, with this error: a successor has aborted it, say.
    Refused(i16),
    /// The end was asked for, to commit or not, and no answer came.
    InDoubt,
    /// Nobody asked for its end before the process ended, or the run did.
    LeftOpen,
}

impl Transaction<'_> {
    /// Did it commit for sure?
    pub fn committed(&self) -> bool {
        self.fate == Fate::Committed
    }
}

impl Evidence {
    /// All transactions, in the order in which they began.
    pub fn transactions(&self) -> Vec<Transaction<'_>> {
        let exchanges = self.exchanges(|request| id(request).is_some());
        let exits = self.iter().filter(|(_, event)| matches!(event.what, What::Exited { .. }));
        let mut exits = exits.map(|(at, event)| (at, event.role.as_deref())).peekable();
        let mut all: Vec<Transaction<'_>> = Vec::new();
        // Positions in `all` of those that are open.
        let mut open: Vec<usize> = Vec::new();
        for asked in &exchanges {
            while let Some((_, role)) = exits.next_if(|(at, _)| *at < asked.event) {
                open.retain(|at| all[*at].role != role);
            }
            let Some(id) = id(asked.request) else { continue };
            let same = |transaction: &Transaction<'_>| transaction.role == asked.role && transaction.id == id;
            let mine = open.iter().copied().find(|at| same(&all[*at]));
            if let Request::EndTxn { committed, .. } = asked.request {
                match (mine, fate(asked, *committed)) {
                    (Some(at), Some(fate)) => {
                        (all[at].end, all[at].fate) = (Some(asked.event), fate);
                        open.retain(|open| *open != at);
                    }
                    // Asked once more, because the first answer did not come.
                    (None, Some(fate)) => {
                        if let Some(before) = all.iter_mut().rev().find(|before| same(before))
                            && before.fate == Fate::InDoubt
                        {
                            before.fate = fate;
                        }
                    }
                    (_, None) => {}
                }
                continue;
            }
            let at = mine.unwrap_or_else(|| {
                let (batches, offsets) = (Vec::new(), Vec::new());
                let (role, began, end, fate) = (asked.role, asked.event, None, Fate::LeftOpen);
                all.push(Transaction { role, id, began, batches, offsets, end, fate });
                open.push(all.len() - 1);
                all.len() - 1
            });
            add(&mut all[at], asked);
        }
        all
    }
}

impl Evidence {
    /// Was the transaction open at this position, and its process still there?
    pub fn is_open_at(&self, transaction: &Transaction<'_>, at: usize) -> bool {
        let ended =
            |event: &Event| matches!(event.what, What::Exited { .. }) && event.role.as_deref() == transaction.role;
        let meanwhile = self.events.get(transaction.began..at).unwrap_or_default();
        transaction.began < at && transaction.end.is_none_or(|end| end > at) && !meanwhile.iter().any(ended)
    }
}

/// The transaction's id, where the request is one that is sent in a transaction.
fn id(request: &Request) -> Option<&str> {
    match request {
        Request::Produce { transactional_id: Some(id), .. } => Some(id),
        Request::AddPartitionsToTxn { transactional_id, .. }
        | Request::AddOffsetsToTxn { transactional_id, .. }
        | Request::TxnOffsetCommit { transactional_id, .. }
        | Request::EndTxn { transactional_id, .. } => Some(transactional_id),
        _ => None,
    }
}

/// What became of the transaction by this EndTxn; none where it will be asked again.
fn fate(asked: &Exchange<'_>, commit: bool) -> Option<Fate> {
    let Some(answer) = asked.answer else { return Some(Fate::InDoubt) };
    match answer.body.error() {
        0 if commit => Some(Fate::Committed),
        0 => Some(Fate::Aborted),
        COORDINATOR_LOAD_IN_PROGRESS | COORDINATOR_NOT_AVAILABLE | NOT_COORDINATOR | CONCURRENT_TRANSACTIONS => None,
        error => Some(Fate::Refused(error)),
    }
}

/// Adds what was sent, but for what was refused.
fn add<'a>(transaction: &mut Transaction<'a>, asked: &Exchange<'a>) {
    match asked.request {
        Request::Produce { batches, .. } => {
            let refused = |batch: &Batch| match asked.answer.map(|answer| answer.body) {
                Some(Response::Produce { partitions }) => partitions.iter().any(|answer| {
                    answer.topic == batch.topic && answer.partition == batch.partition && answer.error != 0
                }),
                _ => false,
            };
            let taken = batches.iter().filter(|batch| !refused(batch));
            transaction.batches.extend(taken.map(|batch| (asked.event, batch)));
        }
        Request::TxnOffsetCommit { group, offsets, .. }
            if asked.answer.is_none_or(|answer| answer.body.error() == 0) =>
        {
            let offsets = offsets.iter().map(|offset| (asked.event, group.as_str(), offset));
            transaction.offsets.extend(offsets);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn evidence(events: &[Value]) -> Evidence {
        let header = json!({"format": 1, "recorded_by": "", "exercise": "", "scenario": "", "program": "", "seed": 0,
            "broker_kind": "", "broker_version": "", "began": ""});
        let events = events.iter().map(|event| serde_json::from_value(event.clone()).expect("an event")).collect();
        Evidence { header: serde_json::from_value(header).expect("a header"), events }
    }

    fn asks(api: &str, more: Value) -> Value {
        let mut body = json!({"api": api, "transactional_id": "x", "producer_id": 1, "epoch": 0});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({"at": 0, "role": "a", "event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body})
    }

    fn told(to: usize, api: &str, error: i16) -> Value {
        json!({"at": 0, "role": "a", "event": "response", "conn": 1, "to": to, "by": "broker",
            "body": {"api": api, "error": error}})
    }

    fn add() -> Value {
        asks("add_offsets_to_txn", json!({"group": "g"}))
    }

    fn end(commit: bool) -> Value {
        asks("end_txn", json!({"committed": commit}))
    }

    fn fates(events: &[Value]) -> Vec<Fate> {
        evidence(events).transactions().iter().map(|transaction| transaction.fate).collect()
    }

    #[test]
    fn each_ends_as_the_broker_says() {
        assert_eq!(fates(&[add(), end(true), told(1, "end_txn", 0)]), [Fate::Committed]);
        assert_eq!(fates(&[add(), end(false), told(1, "end_txn", 0)]), [Fate::Aborted]);
        assert_eq!(fates(&[add(), end(true), told(1, "end_txn", 90)]), [Fate::Refused(90)]);
        assert_eq!(fates(&[add(), end(true)]), [Fate::InDoubt]);
        assert_eq!(fates(&[add()]), [Fate::LeftOpen]);
        assert_eq!(fates(&[end(true)]), [], "there was none");
    }

    #[test]
    fn an_end_that_is_asked_for_again_is_one() {
        let not_yet = told(1, "end_txn", CONCURRENT_TRANSACTIONS);
        assert_eq!(fates(&[add(), end(true), not_yet, end(true), told(3, "end_txn", 0)]), [Fate::Committed]);
        assert_eq!(fates(&[add(), end(true), end(true), told(2, "end_txn", 0)]), [Fate::Committed]);
    }

    #[test]
    fn what_a_process_left_open_is_not_its_successors() {
        let exited = json!({"at": 0, "role": "a", "event": "exited", "run": 1, "code": 0});
        let events = [add(), exited, add(), end(true), told(3, "end_txn", 0)];
        assert_eq!(fates(&events), [Fate::LeftOpen, Fate::Committed]);
    }
}
