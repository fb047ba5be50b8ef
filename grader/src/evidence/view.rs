//! What the events mean to Kafka: what is stored, what is committed, what was asked of the outside world.

use super::{By, Ended, Event, Evidence, What};
use crate::wire::error::DUPLICATE_SEQUENCE_NUMBER;
use crate::wire::{Batch, Produced, Record, Request, Response};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A record that the broker acknowledged, or took without being asked to acknowledge (`acks=0`).
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    pub partition: i32,
    pub record: &'a Record,
    /// Position of the Produce request that carried it.
    pub event: usize,
}

/// An offset that a group committed for one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    pub partition: i32,
    /// The next offset to read.
    pub offset: i64,
    /// Position of the OffsetCommit request.
    pub event: usize,
}

/// A record that the grader put into a topic.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    pub partition: i32,
    pub offset: i64,
    /// Its JSON value; none when the record is poison.
    pub value: Option<Value>,
    pub event: usize,
    pub poison: bool,
    /// What the scenario calls it, where its rules single it out.
    pub mark: Option<&'a str>,
    pub record: &'a What,
}

/// A call of the outside world and its answer.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    pub args: &'a Value,
    pub event: usize,
    /// Position of the answer, if one was given, and whether it was yes.
    pub answer: Option<(usize, bool)>,
}

/// The end of a process.
#[derive(Debug, Clone, Copy)]
pub struct Exit<'a> {
    pub event: usize,
    /// Which of its role's processes it was, from 1.
    pub run: u32,
    pub how: &'a Ended,
    /// Where the grader first asked this process to stop, or killed it; none when it ended by itself.
    pub asked: Option<usize>,
}

impl Evidence {
    /// Every event with its position.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Event)> {
        self.events.iter().enumerate()
    }

    /// The answer to the request at `position`, with its own position.
    pub fn response(&self, position: usize) -> Option<(usize, By, &Response)> {
        self.iter().skip(position).find_map(|(at, event)| match &event.what {
            What::Response { to, by, body, .. } if *to == position => Some((at, *by, body)),
            _ => None,
        })
    }

    /// Produce requests that carry batches for `topic`, with their positions.
    pub fn produces(&self, topic: &str) -> Vec<(usize, &Request)> {
        self.iter()
            .filter_map(|(at, event)| match &event.what {
                What::Request { body: body @ Request::Produce { batches, .. }, .. }
                    if batches.iter().any(|batch| batch.topic == topic) =>
                {
                    Some((at, body))
                }
                _ => None,
            })
            .collect()
    }

    /// What `topic` holds because of this program, in the order in which it was stored.
    ///
    /// A batch counts when the broker answered without error, whether or not that answer reached the client; or when no
    /// answer came (the connection broke) and a later one shows by its offset that it had been stored before. A
    /// repeated (producer id, epoch, sequence) counts once, which is how Kafka treats it (KIP-98) and librdkafka's
    /// test cluster does not.
    pub fn stored(&self, topic: &str) -> Vec<Stored<'_>> {
        let unanswered = self.stored_without_answer(topic);
        let mut seen = HashSet::new();
        let mut stored = Vec::new();
        for (event, request) in self.produces(topic) {
            let Request::Produce { acks, batches, .. } = request else { continue };
            let answers = match self.response(event) {
                Some((_, _, Response::Produce { partitions, .. })) => Some(partitions),
                _ => None,
            };
            for batch in batches.iter().filter(|batch| batch.topic == topic) {
                let accepted = match answers {
                    Some(answers) => answers.iter().any(|answer| {
                        answer.topic == topic && answer.partition == batch.partition && stored_by(answer.error)
                    }),
                    None => *acks == 0 || unanswered.contains(&(event, batch.partition)),
                };
                let id = (batch.producer_id, batch.epoch, batch.base_sequence, batch.partition);
                let visible = !batch.transactional || self.commits_transaction(batch, event);
                if accepted && visible && (batch.producer_id < 0 || seen.insert(id)) {
                    let records = batch.records.iter();
                    stored.extend(records.map(|record| Stored { partition: batch.partition, record, event }));
                }
            }
        }
        stored
    }

    /// Batches without a sequence number that nobody answered for and that were stored all the same, each as its
    /// request's position and its partition: the next batch that was answered for lies behind them.
    fn stored_without_answer(&self, topic: &str) -> HashSet<(usize, i32)> {
        let mut ends: HashMap<i32, i64> = HashMap::new();
        for input in self.inputs(topic) {
            *ends.entry(input.partition).or_default() += 1;
        }
        let mut open: HashMap<i32, Vec<(usize, i64)>> = HashMap::new();
        let mut found = HashSet::new();
        for (event, request) in self.produces(topic) {
            let Request::Produce { acks, batches, .. } = request else { continue };
            let answers = match self.response(event) {
                Some((_, By::Broker, Response::Produce { partitions, .. })) => Some(partitions),
                _ => None,
            };
            for batch in batches.iter().filter(|batch| batch.topic == topic) {
                let (partition, records) = (batch.partition, batch.records.len() as i64);
                let Some(answers) = answers else {
                    if *acks != 0 && batch.producer_id < 0 {
                        open.entry(partition).or_default().push((event, records));
                    }
                    continue;
                };
                let mine = |answer: &&Produced| answer.topic == topic && answer.partition == partition;
                let Some(answer) = answers.iter().find(mine).filter(|answer| answer.error == 0) else { continue };
                let end = ends.entry(partition).or_default();
                for (event, records) in open.remove(&partition).unwrap_or_default() {
                    if *end + records <= answer.base_offset {
                        *end += records;
                        found.insert((event, partition));
                    }
                }
                *end = answer.base_offset + records;
            }
        }
        found
    }

    /// Does the transaction that `batch` was sent in, by the request at `event`, commit? Until then, and if it does
    /// not, nobody who reads committed records sees it (KIP-98).
    fn commits_transaction(&self, batch: &Batch, event: usize) -> bool {
        let end = self.iter().skip(event).find_map(|(at, later)| match &later.what {
            What::Request { body: Request::EndTxn { producer_id, committed, .. }, .. }
                if *producer_id == batch.producer_id =>
            {
                Some((at, *committed))
            }
            _ => None,
        });
        end.is_some_and(|(at, committed)| {
            committed && self.response(at).is_none_or(|(_, _, answer)| answer.error() == 0)
        })
    }

    /// Offsets that `group` asked to commit for `topic`, in order of the requests, those left out that were refused.
    pub fn commits(&self, group: &str, topic: &str) -> Vec<Commit> {
        let mut commits = Vec::new();
        for (event, what) in self.iter() {
            let What::Request { body: Request::OffsetCommit { group: of, offsets, .. }, .. } = &what.what else {
                continue;
            };
            if self.response(event).is_some_and(|(_, _, answer)| answer.error() != 0) {
                continue;
            }
            let offsets = offsets.iter().filter(|offset| of == group && offset.topic == topic);
            commits.extend(offsets.map(|found| Commit { partition: found.partition, offset: found.offset, event }));
        }
        commits
    }

    /// Records that the grader put into `topic`, in order.
    pub fn inputs(&self, topic: &str) -> Vec<Input<'_>> {
        self.iter()
            .filter_map(|(event, found)| match &found.what {
                What::Input { topic: of, partition, offset, value, poison, mark, .. } if of == topic => Some(Input {
                    partition: *partition,
                    offset: *offset,
                    value: value.as_ref().filter(|_| !poison).and_then(|value| value.json()),
                    event,
                    poison: *poison,
                    mark: mark.as_deref(),
                    record: &found.what,
                }),
                _ => None,
            })
            .collect()
    }

    /// Calls of `op`, in order, with their answers.
    pub fn calls(&self, op: &str) -> Vec<Call<'_>> {
        let mut calls: Vec<Call<'_>> = Vec::new();
        for (event, found) in self.iter() {
            match &found.what {
                What::Call { op: of, args, .. } if of == op => calls.push(Call { args, event, answer: None }),
                What::Answer { to, ok, .. } => {
                    if let Some(call) = calls.iter_mut().rev().find(|call| call.event == *to) {
                        call.answer = Some((event, *ok));
                    }
                }
                _ => {}
            }
        }
        calls
    }

    /// Ends of `role`'s processes, in order.
    pub fn exits(&self, role: &str) -> Vec<Exit<'_>> {
        let (mut exits, mut asked) = (Vec::new(), None);
        for (event, found) in self.iter().filter(|(_, event)| event.role.as_deref() == Some(role)) {
            match &found.what {
                What::Started { .. } => asked = None,
                What::Stopping | What::Killed => asked = asked.or(Some(event)),
                What::Exited { run, how } => exits.push(Exit { event, run: *run, how, asked }),
                _ => {}
            }
        }
        exits
    }

    /// Had a step waited in vain before the event at `at`? Then the grader ended whatever was still running.
    pub fn gave_up_before(&self, at: usize) -> bool {
        self.iter().any(|(position, event)| position < at && matches!(event.what, What::GaveUp { .. }))
    }

    /// Positions at which the grader asked `role` to stop, or killed it.
    pub fn endings_asked_for(&self, role: &str) -> Vec<usize> {
        self.iter()
            .filter(|(_, event)| event.role.as_deref() == Some(role))
            .filter(|(_, event)| matches!(event.what, What::Stopping | What::Killed))
            .map(|(at, _)| at)
            .collect()
    }
}

/// Does the broker have the batch after this answer? A repeated one it has had for some time.
pub(super) fn stored_by(error: i16) -> bool {
    error == 0 || error == DUPLICATE_SEQUENCE_NUMBER
}
