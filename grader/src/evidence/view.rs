//! What the events mean to Kafka: what is stored, what is committed, what was asked of the outside world.

use super::exchange::Produce;
use super::{By, Ended, Event, Evidence, Found, What};
use crate::wire::error::DUPLICATE_SEQUENCE_NUMBER;
use crate::wire::{Data, Record, Request, Response};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A record that the broker acknowledged, or took without being asked to acknowledge (`acks=0`).
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    pub partition: i32,
    pub record: &'a Record,
    /// Position of the Produce request that carried it.
    pub event: usize,
    /// Where the broker said that it put it; none where it did not say.
    pub offset: Option<i64>,
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
    /// The record as it was put there.
    pub key: Option<&'a Data>,
    pub data: Option<&'a Data>,
    pub headers: &'a [(String, Option<Data>)],
    /// The program put it there, and not the grader.
    pub by_program: bool,
}

/// A call of the outside world and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub args: &'a Value,
    pub event: usize,
    pub role: Option<&'a str>,
    pub answer: Option<Answered>,
}

/// The answer of the outside world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    pub event: usize,
    /// Whether it was yes.
    pub ok: bool,
}

impl Call<'_> {
    /// Position of the answer, where it was yes.
    pub fn done(&self) -> Option<usize> {
        self.answer.filter(|answer| answer.ok).map(|answer| answer.event)
    }
}

/// The end of a process.
#[derive(Debug, Clone, Copy)]
pub struct Exit<'a> {
    pub event: usize,
    /// Which of its role's processes it was, from 1.
    pub run: u32,
    pub how: &'a Ended,
    /// How the grader first asked this process to end; none when it ended by itself.
    pub asked: Option<Asked>,
    /// A step had waited in vain before: the grader ended whatever was still running.
    pub gave_up: bool,
}

/// A process was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub event: usize,
    /// By SIGKILL, which leaves it no choice; else by SIGTERM.
    pub kill: bool,
}

/// Behind the name of a call: its arguments are a list, and each of them counts.
const EACH: &str = "[]";

/// The records that a call of this `name` is about, where it is one of `op`: its arguments, or, of `op[]`, each that its
/// arguments list.
pub fn about<'a>(op: &str, name: &str, args: &'a Value) -> &'a [Value] {
    match op.strip_suffix(EACH) {
        Some(of) if of == name => args.as_array().map_or(&[], Vec::as_slice),
        None if op == name => std::slice::from_ref(args),
        _ => &[],
    }
}

/// Where the transactions of each producer id ended, and whether they committed.
struct Transactions(HashMap<i64, Vec<(usize, bool)>>);

impl Transactions {
    /// Does the transaction commit in which the producer sent something by the request at `event`?
    fn commit(&self, producer_id: i64, event: usize) -> bool {
        let ends = self.0.get(&producer_id).map(Vec::as_slice).unwrap_or_default();
        ends.get(ends.partition_point(|(end, _)| *end < event)).is_some_and(|(_, committed)| *committed)
    }
}

impl Evidence {
    /// Every event with its position.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Event)> {
        self.events.iter().enumerate()
    }

    /// The answer to the request at `position`, with its own position. It looks for it: for many requests, see [`Self::exchanges`].
    pub fn response(&self, position: usize) -> Option<(usize, By, &Response)> {
        self.iter().skip(position).find_map(|(at, event)| match &event.what {
            What::Response { to, by, body, .. } if *to == position => Some((at, *by, body)),
            _ => None,
        })
    }

    /// What `topic` holds because of this program, in the order in which it was stored.
    ///
    /// A batch counts when the broker answered without error, whether or not that answer reached the client; or when no
    /// answer came (the connection broke) and a later one shows by its offset that it had been stored before. A
    /// repeated (producer id, epoch, sequence) counts once, which is how Kafka treats it (KIP-98).
    pub fn stored(&self, topic: &str) -> Vec<Stored<'_>> {
        let produces = self.produces(topic);
        let (unanswered, transactions) = (self.stored_without_answer(topic, &produces), self.ends_of_transactions());
        let mut seen = HashSet::new();
        let mut stored = Vec::new();
        for produce in &produces {
            for batch in produce.batches_for(topic) {
                let accepted = match produce.answer {
                    Some(answer) => answer.about(topic, batch.partition).is_some_and(|answer| stored_by(answer.error)),
                    None => produce.acks == 0 || unanswered.contains(&(produce.event, batch.partition)),
                };
                let id = (batch.producer_id, batch.epoch, batch.base_sequence, batch.partition);
                let visible = !batch.transactional || transactions.commit(batch.producer_id, produce.event);
                if accepted && visible && (batch.producer_id < 0 || seen.insert(id)) {
                    let (partition, event) = (batch.partition, produce.event);
                    let answer = produce.answer.as_ref().and_then(|answer| answer.about(topic, partition));
                    let base = answer.map(|answer| answer.base_offset).filter(|base| *base >= 0);
                    stored.extend(batch.records.iter().zip(0..).map(|(record, at)| {
                        let offset = base.and_then(|base| base.checked_add(at));
                        Stored { partition, record, event, offset }
                    }));
                }
            }
        }
        stored
    }

    /// Batches without a sequence number that nobody answered for and that were stored all the same, each as its
    /// request's position and its partition: the next batch that was answered for lies behind them.
    fn stored_without_answer(&self, topic: &str, produces: &[Produce<'_>]) -> HashSet<(usize, i32)> {
        let mut ends: HashMap<i32, i64> = HashMap::new();
        for (_, event) in self.iter() {
            match &event.what {
                What::Input { topic: of, partition, .. } if of == topic => *ends.entry(*partition).or_default() += 1,
                _ => {}
            }
        }
        let mut open: HashMap<i32, Vec<(usize, i64)>> = HashMap::new();
        let mut found = HashSet::new();
        for produce in produces {
            let answer = produce.answer.filter(|answer| answer.by == By::Broker);
            for batch in produce.batches_for(topic) {
                let (partition, records) = (batch.partition, batch.records.len() as i64);
                let Some(answer) = answer else {
                    if produce.acks != 0 && batch.producer_id < 0 {
                        open.entry(partition).or_default().push((produce.event, records));
                    }
                    continue;
                };
                let Some(answer) = answer.about(topic, partition).filter(|answer| answer.error == 0) else { continue };
                let end = ends.entry(partition).or_default();
                for (event, records) in open.remove(&partition).unwrap_or_default() {
                    if end.saturating_add(records) <= answer.base_offset {
                        *end = end.saturating_add(records);
                        found.insert((event, partition));
                    }
                }
                *end = answer.base_offset.saturating_add(records);
            }
        }
        found
    }

    /// How each transaction ended. Until one commits, and if it does not, nobody who reads committed records sees what
    /// was sent in it (KIP-98).
    fn ends_of_transactions(&self) -> Transactions {
        let mut ends: HashMap<i64, Vec<(usize, bool)>> = HashMap::new();
        for asked in self.exchanges(|request| matches!(request, Request::EndTxn { .. })) {
            let Request::EndTxn { producer_id, committed, .. } = asked.request else { continue };
            let took = asked.answer.is_none_or(|answer| answer.body.error() == 0);
            ends.entry(*producer_id).or_default().push((asked.event, *committed && took));
        }
        Transactions(ends)
    }

    /// Records that the grader put into `topic`, in order.
    pub fn inputs(&self, topic: &str) -> Vec<Input<'_>> {
        self.iter()
            .filter_map(|(event, found)| match &found.what {
                What::Input { topic: of, partition, offset, key, value, poison, mark, headers } if of == topic => {
                    Some(Input {
                        partition: *partition,
                        offset: *offset,
                        value: value.as_ref().filter(|_| !poison).and_then(|value| value.json()),
                        event,
                        poison: *poison,
                        mark: mark.as_deref(),
                        key: key.as_ref(),
                        data: value.as_ref(),
                        headers,
                        by_program: false,
                    })
                }
                _ => None,
            })
            .collect()
    }

    /// Records that lie in `topic` at known places, whoever put them there, in order.
    pub fn contents(&self, topic: &str) -> Vec<Input<'_>> {
        let stored = self.stored(topic).into_iter().filter_map(|Stored { partition, record, event, offset }| {
            let value = record.value.as_ref().and_then(Data::json);
            Some(Input {
                partition,
                offset: offset?,
                poison: value.is_none(),
                value,
                event,
                mark: None,
                key: record.key.as_ref(),
                data: record.value.as_ref(),
                headers: &record.headers,
                by_program: true,
            })
        });
        let mut contents: Vec<Input<'_>> = self.inputs(topic).into_iter().chain(stored).collect();
        contents.sort_by_key(|record| record.event);
        contents
    }

    /// The time of day at `position`, in microseconds since 1970; none where the run does not say when it began.
    pub fn epoch_us(&self, position: usize) -> Option<i64> {
        let began: jiff::Timestamp = self.header.began.parse().ok()?;
        let since = i64::try_from(self.events.get(position)?.at).ok()?;
        began.as_microsecond().checked_add(since)
    }

    /// What the log of `topic` held when the grader last looked: each record with its partition, in their order there, and
    /// the position of the last look. None where it never did.
    pub fn log(&self, topic: &str) -> Option<(usize, Vec<(i32, &Found)>)> {
        let mut partitions = BTreeMap::new();
        let mut last = None;
        for (event, found) in self.iter() {
            if let What::Read { topic: of, partition, records, .. } = &found.what
                && of == topic
            {
                partitions.insert(*partition, records);
                last = Some(event);
            }
        }
        let records = partitions.into_iter();
        let records = records.flat_map(|(partition, records)| records.iter().map(move |record| (partition, record)));
        Some((last?, records.collect()))
    }

    /// Calls of `op`, in order, with their answers; of `op[]`, one for each record of their lists.
    pub fn calls(&self, op: &str) -> Vec<Call<'_>> {
        let name = op.strip_suffix(EACH).unwrap_or(op);
        let calls = self.answered(name).into_iter();
        calls.flat_map(|call| about(op, name, call.args).iter().map(move |args| Call { args, ..call })).collect()
    }

    /// The same, of this role alone, where one is named.
    pub fn calls_by(&self, role: Option<&str>, op: &str) -> Vec<Call<'_>> {
        let mut calls = self.calls(op);
        calls.retain(|call| role.is_none() || call.role == role);
        calls
    }

    /// Calls of this name, with their answers.
    fn answered(&self, name: &str) -> Vec<Call<'_>> {
        let mut calls: Vec<Call<'_>> = Vec::new();
        for (event, found) in self.iter() {
            match &found.what {
                What::Call { op: of, args, .. } if of == name => {
                    calls.push(Call { role: found.role.as_deref(), args, event, answer: None });
                }
                What::Answer { to, ok, .. } => {
                    if let Ok(call) = calls.binary_search_by_key(to, |call| call.event) {
                        calls[call].answer = Some(Answered { event, ok: *ok });
                    }
                }
                _ => {}
            }
        }
        calls
    }

    /// Ends of `role`'s processes, in order.
    pub fn exits(&self, role: &str) -> Vec<Exit<'_>> {
        let (mut exits, mut asked, mut gave_up) = (Vec::new(), None, false);
        for (event, found) in self.iter() {
            gave_up |= matches!(found.what, What::GaveUp { .. });
            match &found.what {
                _ if found.role.as_deref() != Some(role) => {}
                What::Started { .. } => asked = None,
                What::Stopping => asked = asked.or(Some(Asked { event, kill: false })),
                What::Killed => asked = asked.or(Some(Asked { event, kill: true })),
                What::Exited { run, how } => exits.push(Exit { event, run: *run, how, asked, gave_up }),
                _ => {}
            }
        }
        exits
    }

    /// Positions of what a fault kept from the program: answers that the broker gave, and that never came.
    pub fn lost(&self) -> HashSet<usize> {
        let lost = |(_, event): (usize, &Event)| match event.what {
            What::Fault { on, lost: true, .. } => Some(on),
            _ => None,
        };
        self.iter().filter_map(lost).collect()
    }

    /// Where a step first waited in vain. The grader then ends whatever is still running.
    pub fn gave_up(&self) -> Option<usize> {
        self.iter().find(|(_, event)| matches!(event.what, What::GaveUp { .. })).map(|(at, _)| at)
    }

    /// When the event at this position happened, in microseconds; 0 where there is none.
    pub fn at(&self, position: usize) -> u64 {
        self.events.get(position).map_or(0, |event| event.at)
    }

    /// When the grader saw nothing, because the machine was busy: begin and end, in microseconds, in order.
    pub fn late(&self) -> impl Iterator<Item = (u64, u64)> {
        self.events.iter().filter_map(|event| match event.what {
            What::Late { ms } => Some((event.at.saturating_sub(ms.saturating_mul(1_000)), event.at)),
            _ => None,
        })
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
pub fn stored_by(error: i16) -> bool {
    error == 0 || error == DUPLICATE_SEQUENCE_NUMBER
}
