//! How much a program may leave in the evidence of one scenario.

use crate::evidence::{Limit, What};
use crate::limits::{CALLS, EVENTS, EVIDENCE_BYTES};
use crate::wire::{Batch, Request, Response};
use serde::Serialize;
use std::io::{self, Write};

/// What an event takes up besides what it carries.
const EVENT: usize = 128;
/// What a record, or a partition that is asked about, takes up besides its key and value.
const PART: usize = 64;

/// What programs have left so far, and what they may leave.
#[derive(Debug)]
pub(super) struct Budget {
    events: Account,
    calls: Account,
    bytes: Account,
}

#[derive(Debug)]
struct Account {
    used: usize,
    most: usize,
}

impl Account {
    /// Is there room for so much more?
    fn takes(&mut self, more: usize) -> bool {
        self.used = self.used.saturating_add(more);
        self.used <= self.most
    }
}

impl Budget {
    /// That of a scenario.
    pub(super) fn of_scenario() -> Budget {
        let account = |most| Account { used: 0, most };
        Budget { events: account(EVENTS), calls: account(CALLS), bytes: account(EVIDENCE_BYTES) }
    }

    /// One that nothing exceeds.
    pub(super) fn without_limits() -> Budget {
        let account = || Account { used: 0, most: usize::MAX };
        Budget { events: account(), calls: account(), bytes: account() }
    }

    /// About how many bytes programs have left so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.used
    }

    /// Counts what happened; returns the limit that it goes beyond, if it does.
    pub(super) fn exceeded_by(&mut self, what: &What) -> Option<Limit> {
        if !self.events.takes(1) {
            return Some(Limit::Events(self.events.most));
        }
        if matches!(what, What::Call { .. }) && !self.calls.takes(1) {
            return Some(Limit::Calls(self.calls.most));
        }
        (!self.bytes.takes(weight(what))).then_some(Limit::Bytes(self.bytes.most))
    }
}

/// Is it a program's doing? Only that is limited: how the grader ends a program belongs into the evidence in any case.
pub(super) fn is_of_program(what: &What) -> bool {
    matches!(
        what,
        What::Connected { .. }
            | What::Disconnected { .. }
            | What::Request { .. }
            | What::Response { .. }
            | What::Undecoded { .. }
            | What::NotServed { .. }
            | What::Call { .. }
            | What::Answer { .. }
            | What::Output { .. }
            | What::Panicked { .. }
    )
}

/// About how many bytes an event takes up.
fn weight(what: &What) -> usize {
    let carried = match what {
        What::Request { body: Request::Produce { batches, .. }, .. } => match batches.undecoded_size() {
            Some((records, bytes)) => PART * records + bytes,
            None => batches.iter().map(batch).sum(),
        },
        What::Request { body: Request::Fetch { partitions, forgotten, .. }, .. } => {
            PART * (partitions.len() + forgotten.len())
        }
        What::Response { body: Response::Fetch { partitions, .. }, .. } => PART * partitions.len(),
        What::Response { body: Response::Produce { partitions, .. }, .. } => PART * partitions.len(),
        // Rare, or slow to make in any case.
        other => length_as_json(other),
    };
    EVENT + carried
}

fn batch(batch: &Batch) -> usize {
    let length = |data: &Option<crate::wire::Data>| data.as_ref().map_or(0, |data| data.as_bytes().len());
    let records = batch.records.iter().map(|record| {
        let headers = record.headers.iter().map(|(name, value)| PART + name.len() + length(value));
        PART + length(&record.key) + length(&record.value) + headers.sum::<usize>()
    });
    PART + records.sum::<usize>()
}

fn length_as_json(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(bytes: usize) -> What {
        What::Call { op: "work".into(), args: json!("x".repeat(bytes)), mark: None }
    }

    #[test]
    fn each_limit_is_named_when_it_is_passed() {
        let mut budget = Budget::of_scenario();
        for _ in 0..CALLS {
            assert_eq!(budget.exceeded_by(&call(1)), None);
        }
        assert_eq!(budget.exceeded_by(&call(1)), Some(Limit::Calls(CALLS)));

        let mut budget = Budget::of_scenario();
        let mib = 1 << 20;
        for _ in 0..EVIDENCE_BYTES / mib - 1 {
            assert_eq!(budget.exceeded_by(&call(mib)), None);
        }
        assert_eq!(budget.exceeded_by(&call(mib)), Some(Limit::Bytes(EVIDENCE_BYTES)));

        let mut budget = Budget::of_scenario();
        let gone = || What::Disconnected { conn: 1 };
        let fits = (0..=EVENTS).take_while(|_| budget.exceeded_by(&gone()).is_none()).count();
        assert_eq!((fits, budget.exceeded_by(&gone())), (EVENTS, Some(Limit::Events(EVENTS))));
    }

    #[test]
    fn what_a_record_carries_counts() {
        let produce = |records: usize| {
            let record = json!({"key": "k", "value": "v".repeat(1000), "timestamp": 1, "headers": [["h", "x"]]});
            let batch = json!({"topic": "t", "partition": 0, "producer_id": -1, "epoch": -1, "base_sequence": -1,
                "codec": "none", "bytes": 1, "records": vec![record; records]});
            let body = json!({"api": "produce", "acks": 1, "timeout_ms": 1, "batches": [batch]});
            let event = json!({"event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body});
            serde_json::from_value(event).expect("an event")
        };
        let (one, eleven) = (weight(&produce(1)), weight(&produce(11)));
        assert_eq!(eleven - one, 10 * (1000 + 1 + 2 + 2 * PART));
    }
}
