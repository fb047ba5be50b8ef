//! Small evidence, made by hand: what happened, in a few lines. The bench of judging makes large evidence with it.

use crate::checks::{Kind, Outcome};
use crate::evidence::{Because, By, Committed, Ended, Event, Evidence, Extent, Found, Header, What};
use crate::wire::{
    Batch, Data, FetchFrom, Offset, PartitionError, Produced, Record, Request, Response, TopicPartition,
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The topic that input is put into, the group that reads it, and the role of the program unless [`Recording::role`]
/// says another one.
pub const TOPIC: &str = "t";
pub const GROUP: &str = "g";
pub const ROLE: &str = "a";
/// The `transactional.id` of producers that have transactions.
const TRANSACTIONAL_ID: &str = "x";

/// What happened, one thing after the other. Each method adds it, and returns the recording.
#[derive(Debug, Clone)]
pub struct Recording {
    events: Vec<Event>,
    role: &'static str,
    /// Microseconds, of the next event.
    now: u64,
    /// Of each partition, the next offset of the input.
    ends: HashMap<i32, i64>,
    sequence: i32,
    runs: u32,
}

/// A batch for [`TOPIC`] with a producer id and a sequence number, without its sequence number until it is sent.
pub fn batch(partition: i32, records: Vec<Record>) -> Batch {
    let topic = TOPIC.to_owned();
    Batch { topic, partition, producer_id: 1, bytes: 61 + 20 * records.len(), records, ..Batch::default() }
}

/// A record with this key, or none where it is empty.
pub fn record(key: &str, value: &Value) -> Record {
    let key = Some(Data::from(key)).filter(|_| !key.is_empty());
    Record { key, value: Some(Data::from(value.to_string().as_str())), ..Record::default() }
}

/// A record that is found in a topic.
pub fn found(key: &str, value: &Value) -> Found {
    let Record { key, value, .. } = record(key, value);
    Found { offset: 0, key, value }
}

impl Default for Recording {
    fn default() -> Recording {
        Recording { events: Vec::new(), role: ROLE, now: 0, ends: HashMap::new(), sequence: 0, runs: 0 }
    }
}

impl Recording {
    /// What follows happens to this role, on a connection of its own.
    pub fn role(mut self, role: &'static str) -> Recording {
        self.role = role;
        self
    }

    /// The last event never comes to the program.
    pub fn lost(self) -> Recording {
        let on = self.events.len() - 1;
        self.event(None, What::Fault { on, action: "lost".into(), lost: true, locked: false })
    }

    /// As the last event goes on, somebody else writes to a database of the program's.
    pub fn locked(self) -> Recording {
        let on = self.events.len() - 1;
        self.happens(What::Fault { on, action: "locked".into(), lost: false, locked: true })
    }

    /// So many milliseconds pass.
    pub fn pause(mut self, ms: u64) -> Recording {
        self.now += ms * 1000;
        self
    }

    /// The grader saw nothing for so many milliseconds before this.
    pub fn late(self, ms: u64) -> Recording {
        self.event(None, What::Late { ms })
    }

    /// Adds something that happened to the role.
    pub fn happens(self, what: What) -> Recording {
        let role = Some(self.role.to_owned());
        self.event(role, what)
    }

    fn event(mut self, role: Option<String>, what: What) -> Recording {
        self.events.push(Event { at: self.now, role, what });
        self.now += 1;
        self
    }

    pub fn given(self, value: Value) -> Recording {
        self.event(None, What::Given { value })
    }

    /// A record of the input.
    pub fn input(self, partition: i32, value: Value) -> Recording {
        self.put(partition, Some(Data::from(value.to_string().as_str())), None)
    }

    /// One with a mark.
    pub fn marked(self, partition: i32, value: Value, mark: &str) -> Recording {
        self.put(partition, Some(Data::from(value.to_string().as_str())), Some(mark.to_owned()))
    }

    /// One that is not JSON.
    pub fn poison(self, partition: i32) -> Recording {
        self.put(partition, Some(Data::from("{")), None)
    }

    /// Headers of the last record of the input.
    pub fn headers(mut self, names: &[(&str, &str)]) -> Recording {
        if let Some(What::Input { headers, .. }) = self.events.last_mut().map(|event| &mut event.what) {
            *headers = names.iter().map(|(name, value)| ((*name).to_owned(), Some(Data::from(*value)))).collect();
        }
        self
    }

    fn put(mut self, partition: i32, value: Option<Data>, mark: Option<String>) -> Recording {
        let end = self.ends.entry(partition).or_default();
        let offset = *end;
        *end += 1;
        let poison = value.as_ref().is_none_or(|value| value.json().is_none());
        let (topic, key) = (TOPIC.to_owned(), Some(Data::from("k")));
        self.event(None, What::Input { topic, partition, offset, key, value, poison, mark, headers: Vec::new() })
    }

    /// A call that is answered with yes.
    pub fn call(self, op: &str, args: Value) -> Recording {
        self.ask(op, args).reply(true)
    }

    /// A call that is answered with no.
    pub fn refused(self, op: &str, args: Value) -> Recording {
        self.ask(op, args).reply(false)
    }

    /// A call without its answer.
    pub fn ask(self, op: &str, args: Value) -> Recording {
        self.happens(What::Call { op: op.to_owned(), args, mark: None })
    }

    /// The answer to the last call.
    pub fn reply(self, ok: bool) -> Recording {
        let calls = self.events.iter().enumerate().rev();
        let (to, op) = calls
            .filter_map(|(at, event)| match &event.what {
                What::Call { op, .. } => Some((at, op.clone())),
                _ => None,
            })
            .next()
            .expect("a call");
        self.happens(What::Answer { to, op, ok, error: String::new(), mark: None })
    }

    pub fn request(self, body: Request) -> Recording {
        let conn = self.role.bytes().map(u32::from).sum();
        self.happens(What::Request { conn, correlation: 1, version: 1, body })
    }

    /// The broker's answer to the last request.
    pub fn response(self, body: Response) -> Recording {
        self.answer(By::Broker, body)
    }

    fn answer(self, by: By, body: Response) -> Recording {
        let is_request = |event: &Event| matches!(event.what, What::Request { .. });
        let to = self.events.iter().rposition(is_request).expect("a request");
        let conn = self.role.bytes().map(u32::from).sum();
        self.happens(What::Response { conn, to, by, body })
    }

    /// A Produce request without its answer.
    pub fn send(mut self, acks: i16, mut batches: Vec<Batch>) -> Recording {
        for batch in &mut batches {
            batch.base_sequence = self.sequence;
            self.sequence += batch.records.len() as i32;
        }
        self.request(Request::Produce { acks, transactional_id: None, timeout_ms: 1, batches: batches.into() })
    }

    /// A Produce request with `acks=all` in the transaction of producer “x”, without its answer.
    pub fn send_in_transaction(mut self, mut batches: Vec<Batch>) -> Recording {
        for batch in &mut batches {
            (batch.transactional, batch.base_sequence) = (true, self.sequence);
            self.sequence += batch.records.len() as i32;
        }
        let transactional_id = Some(TRANSACTIONAL_ID.to_owned());
        self.request(Request::Produce { acks: -1, transactional_id, timeout_ms: 1, batches: batches.into() })
    }

    /// Offsets that are sent in the transaction of producer “x”, and taken.
    pub fn offsets_in_transaction(self, offsets: &[(i32, i64)]) -> Recording {
        let offset = |&(partition, offset): &(i32, i64)| Offset { topic: TOPIC.to_owned(), partition, offset };
        let (offsets, member) = (offsets.iter().map(offset).collect(), self.role.to_owned());
        let (transactional_id, group, producer_id) = (TRANSACTIONAL_ID.to_owned(), GROUP.to_owned(), 1);
        let (epoch, generation) = (0, 1);
        self.request(Request::TxnOffsetCommit {
            transactional_id,
            group,
            producer_id,
            epoch,
            generation,
            member,
            offsets,
        })
        .response(Response::TxnOffsetCommit { partitions: Vec::new() })
    }

    /// The end of that transaction, and what the broker says to it.
    pub fn end_transaction(self, committed: bool, error: i16) -> Recording {
        let (transactional_id, producer_id, epoch) = (TRANSACTIONAL_ID.to_owned(), 1, 0);
        self.request(Request::EndTxn { transactional_id, producer_id, epoch, committed })
            .response(Response::EndTxn { error })
    }

    /// A transactional producer begins.
    pub fn init_transactions(self, id: &str) -> Recording {
        let transactional_id = Some(id.to_owned());
        let (timeout_ms, producer_id, epoch) = (60_000, -1, -1);
        self.request(Request::InitProducerId { transactional_id, timeout_ms, producer_id, epoch })
            .response(Response::InitProducerId { error: 0, producer_id: 1, epoch: 0 })
    }

    /// The role's next process takes the place of this one's.
    pub fn replaces(self, role: &str) -> Recording {
        let role = role.to_owned();
        self.happens(What::Replaces { role })
    }

    /// A record of a transaction that was aborted, before any input.
    pub fn aborted(self, partition: i32, value: Value) -> Recording {
        let (topic, key, value) =
            (TOPIC.to_owned(), Some(Data::from("k")), Some(Data::from(value.to_string().as_str())));
        self.event(None, What::Aborted { topic, partition, offset: 0, key, value })
    }

    /// What the grader finds in partition 0 of `topic`, up to this offset.
    pub fn read(self, topic: &str, end: i64, records: Vec<Found>) -> Recording {
        self.read_to(topic, end, end, records)
    }

    /// The same with a transaction that is open from `stable` on.
    pub fn read_to(self, topic: &str, stable: i64, end: i64, records: Vec<Found>) -> Recording {
        self.event(None, What::Read { topic: topic.to_owned(), partition: 0, stable, end, records })
    }

    /// The answer to the last Produce request: the same error, or none, for each batch.
    pub fn acknowledge(self, error: i16) -> Recording {
        self.produced(By::Broker, error)
    }

    /// The grader refuses the last Produce request in the broker's place.
    pub fn refuse(self, error: i16) -> Recording {
        self.produced(By::Grader, error)
    }

    /// How many records of the batch's place have been acknowledged.
    fn end_of(&self, batch: &Batch) -> i64 {
        let place = (&batch.topic, batch.partition);
        let taken = self.events.iter().filter_map(|event| match &event.what {
            What::Response { to, body: Response::Produce { partitions }, .. }
                if partitions.iter().any(|told| (&told.topic, told.partition) == place && told.error == 0) =>
            {
                self.events.get(*to)
            }
            _ => None,
        });
        let records = taken.filter_map(|event| match &event.what {
            What::Request { body: Request::Produce { batches, .. }, .. } => Some(batches),
            _ => None,
        });
        let records =
            records.flat_map(|batches| batches.iter()).filter(|batch| (&batch.topic, batch.partition) == place);
        records.map(|batch| batch.records.len() as i64).sum()
    }

    fn produced(self, by: By, error: i16) -> Recording {
        let batches = self.events.iter().rev().find_map(|event| match &event.what {
            What::Request { body: Request::Produce { batches, .. }, .. } => Some(batches),
            _ => None,
        });
        let about = |batch: &Batch| Produced {
            topic: batch.topic.clone(),
            partition: batch.partition,
            error,
            base_offset: self.end_of(batch),
        };
        let partitions = batches.expect("a Produce request").iter().map(about).collect();
        self.answer(by, Response::Produce { partitions })
    }

    /// A Produce request with `acks=all` that is acknowledged.
    pub fn produce(self, batches: Vec<Batch>) -> Recording {
        self.send(-1, batches).acknowledge(0)
    }

    /// A commit that is taken: partitions and offsets.
    pub fn commit(self, offsets: &[(i32, i64)]) -> Recording {
        self.commit_asked(offsets).response(Response::OffsetCommit { partitions: Vec::new() })
    }

    /// The same in another topic than [`TOPIC`].
    pub fn commit_in(self, topic: &str, offsets: &[(i32, i64)]) -> Recording {
        let mut recording = self.commit(offsets);
        let last = recording.events.iter_mut().rev().find_map(|event| match &mut event.what {
            What::Request { body: Request::OffsetCommit { offsets, .. }, .. } => Some(offsets),
            _ => None,
        });
        last.expect("a commit").iter_mut().for_each(|offset| offset.topic = topic.to_owned());
        recording
    }

    /// A commit that is refused with this error.
    pub fn commit_refused(self, offsets: &[(i32, i64)], error: i16) -> Recording {
        let refused = |&(partition, _): &(i32, i64)| PartitionError { topic: TOPIC.to_owned(), partition, error };
        let partitions = offsets.iter().map(refused).collect();
        self.commit_asked(offsets).response(Response::OffsetCommit { partitions })
    }

    /// A commit without its answer.
    pub fn commit_asked(self, offsets: &[(i32, i64)]) -> Recording {
        let offset = |&(partition, offset): &(i32, i64)| Offset { topic: TOPIC.to_owned(), partition, offset };
        let offsets = offsets.iter().map(offset).collect();
        let (group, member) = (GROUP.to_owned(), self.role.to_owned());
        self.request(Request::OffsetCommit { group, generation: 1, member, offsets })
    }

    /// A JoinGroup request of the role's member, which is called like its role, without the answer.
    pub fn join(self, instance: Option<&str>, owned: &[i32]) -> Recording {
        let (group, member, owned) = (GROUP.to_owned(), self.role.to_owned(), places(owned));
        self.request(Request::JoinGroup {
            group,
            member,
            instance: instance.map(str::to_owned),
            session_timeout_ms: 1,
            rebalance_timeout_ms: 5,
            protocols: vec!["range".to_owned()],
            topics: Vec::new(),
            owned,
        })
    }

    /// The answer to the last JoinGroup request.
    pub fn joined(self, error: i16) -> Recording {
        let member = self.role.to_owned();
        let (leader, members) = (member.clone(), Vec::new());
        self.response(Response::JoinGroup { error, generation: 1, member, leader, protocol: None, members })
    }

    /// The group gives partitions to the role's member.
    pub fn assigned(self, partitions: &[i32]) -> Recording {
        let (group, member, partitions) = (GROUP.to_owned(), self.role.to_owned(), places(partitions));
        self.request(Request::SyncGroup { group, generation: 1, member, assignments: Vec::new() })
            .response(Response::SyncGroup { error: 0, partitions })
    }

    /// The role's member asks where to begin, and is told.
    pub fn begins(self, partition: i32, offset: i64) -> Recording {
        let offsets = json!([{"topic": TOPIC, "partition": partition, "offset": offset, "error": 0}]);
        let offsets = serde_json::from_value(offsets).expect("committed offsets");
        let (group, partitions) = (GROUP.to_owned(), Some(places(&[partition])));
        self.request(Request::OffsetFetch { group, partitions, require_stable: false, more_groups: Vec::new() })
            .response(Response::OffsetFetch { error: 0, offsets })
    }

    pub fn leave(self) -> Recording {
        let (group, members) = (GROUP.to_owned(), vec![self.role.to_owned()]);
        self.request(Request::LeaveGroup { group, members })
    }

    /// A Fetch request, which is answered.
    pub fn fetch(self, partition: i32, offset: i64) -> Recording {
        let partitions = vec![FetchFrom { topic: TOPIC.to_owned(), partition, offset }];
        let (isolation, max_wait_ms, min_bytes, session_epoch, forgotten) = (0, 1, 1, -1, Vec::new());
        self.request(Request::Fetch { isolation, max_wait_ms, min_bytes, session_epoch, partitions, forgotten })
            .response(Response::Fetch { error: 0, partitions: Vec::new() })
    }

    pub fn disconnected(self) -> Recording {
        let conn = self.role.bytes().map(u32::from).sum();
        self.happens(What::Disconnected { conn })
    }

    pub fn started(mut self) -> Recording {
        self.runs += 1;
        let run = self.runs;
        self.happens(What::Started { run, pid: 1 })
    }

    pub fn stopping(self) -> Recording {
        self.happens(What::Stopping)
    }

    pub fn killed(self) -> Recording {
        self.happens(What::Killed)
    }

    pub fn exited(self, how: Ended) -> Recording {
        let run = self.runs;
        self.happens(What::Exited { run, how })
    }

    /// The grader looks at [`TOPIC`]: the start and the end of each partition from 0 on, and what groups have committed.
    pub fn observed(self, bounds: &[(i64, i64)], committed: &[(&str, i32, i64)]) -> Recording {
        let extent = |(partition, &(start, end)): (i32, &(i64, i64))| Extent { partition, start, stable: end, end };
        let one = |&(group, partition, offset): &(&str, i32, i64)| {
            let group = group.to_owned();
            Committed { group, partition, offset }
        };
        let (topic, partitions) = (TOPIC.to_owned(), (0..).zip(bounds).map(extent).collect());
        self.event(None, What::Observed { topic, partitions, committed: committed.iter().map(one).collect() })
    }

    /// Of the last look, a transaction is open on the partition from this offset on.
    pub fn open_from(mut self, partition: usize, offset: i64) -> Recording {
        if let Some(What::Observed { partitions, .. }) = self.events.last_mut().map(|event| &mut event.what) {
            partitions[partition].stable = offset;
        }
        self
    }

    pub fn gave_up(self) -> Recording {
        self.event(None, What::GaveUp { waited_for: "it".to_owned(), because: Because::HadEnded })
    }

    /// The grader waited for its end in vain.
    pub fn did_not_end(self) -> Recording {
        let because = Because::DidNotEnd { seconds: 10 };
        self.event(None, What::GaveUp { waited_for: "its end".to_owned(), because })
    }

    /// What a file of the program holds, or a table of it.
    pub fn collected(self, file: &str, table: Option<&str>, value: Value) -> Recording {
        let (file, table) = (file.to_owned(), table.map(str::to_owned));
        self.happens(What::Collected { file, table, value, error: String::new() })
    }

    /// What the log holds in the end: partitions and values.
    pub fn log(self, values: &[(i32, Value)]) -> Recording {
        (0..2).fold(self, |recording, partition| {
            let here = values.iter().filter(|(of, _)| *of == partition).zip(0..);
            let records: Vec<Found> = here.map(|((_, value), offset)| Found { offset, ..found("k", value) }).collect();
            let (topic, end) = (TOPIC.to_owned(), records.len() as i64);
            recording.event(None, What::Read { topic, partition, stable: end, end, records })
        })
    }

    pub fn evidence(self) -> Evidence {
        let text = String::new;
        let header = Header {
            format: 1,
            recorded_by: text(),
            exercise: text(),
            scenario: text(),
            program: text(),
            seed: 0,
            broker_kind: text(),
            broker_version: text(),
            began: "1970-01-02T00:00:00Z".to_owned(),
        };
        Evidence { header, events: self.events }
    }

    /// What a check says of it, as `exercise.toml` would give the check: "passed", "no evidence", or its codes.
    pub fn judged(self, check: Value) -> String {
        self.outcome(check).0
    }

    /// The same, and the first sentence about what was seen.
    pub fn outcome(self, check: Value) -> (String, String) {
        let kind: Kind = serde_json::from_value(check).expect("a check");
        match kind.judge(&self.evidence()) {
            Outcome::Passed(seen) => ("passed".to_owned(), seen),
            Outcome::NoEvidence(why) => ("no evidence".to_owned(), why),
            Outcome::Failed(findings) => {
                let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
                (codes.join(" "), findings[0].seen.clone())
            }
        }
    }
}

fn places(partitions: &[i32]) -> Vec<TopicPartition> {
    partitions.iter().map(|&partition| TopicPartition { topic: TOPIC.to_owned(), partition }).collect()
}
