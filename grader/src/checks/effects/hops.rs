//! The way of records through a topic in which they wait: when they came there, and what became of them.

use super::origins::bytes;
use crate::checks::field;
use crate::evidence::{Call, Commits, Evidence, Input, What};
use crate::wire::Request;
use std::collections::{BTreeMap, HashMap};

/// The calls and the waiting records of a run, up to the first end of a process: from then on repetitions are right.
pub(super) struct Hops<'e> {
    /// By what they are about.
    pub calls: BTreeMap<String, Vec<Call<'e>>>,
    /// The records that lay in the topic, in order.
    pub all: Vec<Hop<'e>>,
    /// Positions of all Produce requests that carry these bytes.
    sent: HashMap<Vec<u8>, Vec<usize>>,
    commits: Commits,
    until: usize,
}

/// A record that waits.
pub(super) struct Hop<'e> {
    /// What it is about; empty where it does not say.
    pub id: String,
    record: Input<'e>,
}

impl Hop<'_> {
    /// Position of the event by which it came.
    pub fn event(&self) -> usize {
        self.record.event
    }

    /// Has the program put it there?
    pub fn own(&self) -> bool {
        self.record.by_program
    }

    pub fn name(&self) -> String {
        if self.id.is_empty() {
            format!("the record at partition {} offset {}", self.record.partition, self.record.offset)
        } else {
            self.id.clone()
        }
    }

    /// The whole number in the one header of this name.
    ///
    /// # Errors
    /// How many such headers there are; one that is no number counts as one.
    pub fn number(&self, header: &str) -> Result<i64, usize> {
        let values: Vec<_> = self.record.headers.iter().filter(|(name, _)| name == header).collect();
        match values.as_slice() {
            [(_, Some(value))] => value.text().and_then(|text| text.parse().ok()).ok_or(1),
            all => Err(all.len()),
        }
    }
}

impl<'e> Hops<'e> {
    /// For calls of `op`, told apart by the field `id`.
    pub fn new(evidence: &'e Evidence, topic: &str, (op, id): (&str, &str)) -> Hops<'e> {
        let ends = |what: &What| matches!(what, What::Exited { .. } | What::Killed);
        let until = evidence.events.iter().position(|event| ends(&event.what)).unwrap_or(evidence.events.len());
        let mut calls: BTreeMap<String, Vec<Call<'_>>> = BTreeMap::new();
        for call in evidence.calls(op).into_iter().filter(|call| call.event < until) {
            if let Some(id) = field(call.args, id) {
                calls.entry(id).or_default().push(call);
            }
        }
        let records = evidence.contents(topic).into_iter().filter(|record| record.event < until);
        let all = records.map(|record| {
            let id = record.value.as_ref().and_then(|value| field(value, id)).unwrap_or_default();
            Hop { id, record }
        });
        let mut sent: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (at, event) in evidence.iter().take(until) {
            if let What::Request { body: Request::Produce { batches, .. }, .. } = &event.what {
                for record in batches.iter().flat_map(|batch| &batch.records) {
                    sent.entry(bytes(record.value.as_ref()).to_vec()).or_default().push(at);
                }
            }
        }
        Hops { calls, all: all.collect(), sent, commits: evidence.commits_asked_for(topic), until }
    }

    /// The last record about `id` that had come by `event`.
    pub fn last_before(&self, id: &str, event: usize) -> Option<&Hop<'e>> {
        self.all.iter().rev().find(|hop| hop.id == id && !id.is_empty() && hop.event() < event)
    }

    /// How many attempts had been made before the program got it, as the `header` says with which it came.
    pub fn made_before(&self, id: &str, header: &str) -> i64 {
        let came = self.all.iter().find(|hop| hop.id == id && !hop.own());
        came.and_then(|hop| hop.number(header).ok()).map_or(0, |number| number.saturating_sub(1))
    }

    /// Where it was committed, if that was before anything had been done about it.
    pub fn dropped(&self, hop: &Hop<'_>) -> Option<usize> {
        let commit = self.commits.first_beyond(hop.record.partition, hop.record.offset)?.event;
        let between = |at: usize| hop.event() < at && at < commit;
        let tried = self.calls.get(&hop.id).is_some_and(|calls| calls.iter().any(|call| between(call.event)));
        let sent = self.sent.get(bytes(hop.record.data)).is_some_and(|sent| sent.iter().any(|at| between(*at)));
        (commit < self.until && !tried && !sent).then_some(commit)
    }
}
