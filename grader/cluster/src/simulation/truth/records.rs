//! Records: what was acknowledged is there, in order and once; what was not committed is not shown.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages::{FetchRequest, FetchResponse, ProduceRequest, ProduceResponse};

use super::partitions;
use crate::core::Core;
use crate::partition::Partition;
use crate::simulation::payload::{self, Read};
use crate::simulation::transactional;

/// What is known of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its producer has not asked for an end, so it is aborted if the producer does not come back.
    Open,
    Committed,
    Aborted,
    /// Its producer has asked for a commit and died before the answer.
    InDoubt,
}

/// A record that somebody has sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// Whose.
    client: usize,
    /// It is written once at most.
    once: bool,
    transaction: Option<usize>,
}

type Place = (String, i32);

#[derive(Default)]
pub struct RecordTruth {
    sent: Vec<Sent>,
    transactions: Vec<Fate>,
    /// By partition and offset, the records that were acknowledged by all in-sync replicas.
    durable: BTreeMap<Place, BTreeMap<i64, u64>>,
    /// Partitions that may have lost something.
    unclean: BTreeSet<Place>,
    /// Records that were shown to consumers that read what is committed.
    shown: BTreeSet<u64>,
}

impl RecordTruth {
    /// The number of a new record.
    pub fn send(&mut self, client: usize, once: bool, transaction: Option<usize>) -> u64 {
        self.sent.push(Sent { client, once, transaction });
        self.sent.len() as u64 - 1
    }

    /// A new transaction.
    pub fn begin(&mut self) -> usize {
        self.transactions.push(Fate::Open);
        self.transactions.len() - 1
    }

    pub fn decide(&mut self, transaction: usize, fate: Fate) {
        self.transactions[transaction] = fate;
    }

    /// May the partition have lost something that was acknowledged?
    pub fn is_unclean(&self, (topic, index): (&str, i32)) -> bool {
        self.unclean.contains(&(topic.to_owned(), index))
    }

    pub fn lose(&mut self, topic: &str, index: i32, end: i64) {
        let place = (topic.to_owned(), index);
        self.durable.entry(place.clone()).or_default().split_off(&end);
        self.unclean.insert(place);
    }

    pub fn produced(&mut self, request: &ProduceRequest, answer: &ProduceResponse, core: &Core) {
        let answers = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
        let asked = request.topic_data.iter().flat_map(|topic| {
            let name = match topic.topic_id.is_nil() {
                true => topic.name.to_string(),
                false => core.topics.by_id(topic.topic_id).expect("the topic").name.clone(),
            };
            topic.partition_data.iter().map(move |partition| (name.clone(), partition))
        });
        for ((topic, asked), answer) in asked.zip(answers) {
            if answer.error_code != 0 || request.acks != -1 {
                continue;
            }
            let records = asked.records.as_ref().map(payload::batches).unwrap_or_default();
            let durable = self.durable.entry((topic, asked.index)).or_default();
            for (header, bytes) in records {
                for (offset, read) in (answer.base_offset..).zip(payload::records(&header, &bytes)) {
                    durable.insert(offset, read.number);
                }
            }
        }
    }

    pub fn fetched(&mut self, request: &FetchRequest, answer: &FetchResponse, core: &Core) {
        for topic in &answer.responses {
            let name = match topic.topic_id.is_nil() {
                true => topic.topic.to_string(),
                false => core.topics.by_id(topic.topic_id).expect("the topic").name.clone(),
            };
            let Some(found) = core.topics.get(&name) else { continue };
            for read in topic.partitions.iter().filter(|read| read.error_code == 0) {
                let partition = found.partition(read.partition_index).expect("the partition");
                let records = read.records.as_ref().map(payload::batches).unwrap_or_default();
                let committed_only = request.isolation_level == 1;
                let until = if committed_only { partition.last_stable_offset() } else { partition.high_watermark() };
                for (header, bytes) in records {
                    assert!(header.last_offset() < until, "{name}: offset {} is shown too early", header.base_offset);
                    let aborted = read.aborted_transactions.iter().flatten().any(|aborted| {
                        aborted.producer_id.0 == header.producer_id && aborted.first_offset <= header.base_offset
                    });
                    // This leaves out a little too much: what the producer has committed after it had aborted something.
                    if committed_only && !aborted {
                        self.shown.extend(payload::records(&header, &bytes).iter().map(|read| read.number));
                    }
                }
            }
        }
    }

    /// Nothing that was acknowledged is missing; nothing is there twice; every client's records are in order.
    pub fn check_logs(&self, core: &Core) {
        for (topic, partition) in partitions(core) {
            let place = (topic.to_owned(), partition.index);
            let records = read_log(partition);
            let by_offset: BTreeMap<i64, u64> = records.iter().map(|read| (read.offset, read.number)).collect();
            for (offset, number) in self.durable.get(&place).into_iter().flatten() {
                let found = by_offset.get(offset);
                assert_eq!(found, Some(number), "{place:?}: what was acknowledged at {offset} is gone");
            }
            let mut seen = BTreeSet::new();
            let mut last: BTreeMap<usize, u64> = BTreeMap::new();
            for read in records {
                let sent = self.sent[read.number as usize];
                if !seen.insert(read.number) {
                    assert!(!sent.once, "{place:?}: record {} is there twice", read.number);
                    continue;
                }
                let before = last.insert(sent.client, read.number);
                assert!(before < Some(read.number), "{place:?}: {} comes after {before:?}", read.number);
            }
        }
    }

    /// What was committed is shown, and nothing else.
    pub fn audit(&self, core: &Core) {
        let fate = |number: u64| self.sent[number as usize].transaction.map(|id| (id, self.transactions[id]));
        for number in &self.shown {
            if let Some((id, fate)) = fate(*number) {
                let may_be = matches!(fate, Fate::Committed | Fate::InDoubt);
                assert!(may_be, "record {number} of transaction {id}, which is {fate:?}, was shown");
            }
        }
        self.audit_offsets(core);
        let mut in_doubt: BTreeMap<usize, bool> = BTreeMap::new();
        for (topic, partition) in partitions(core) {
            let place = (topic.to_owned(), partition.index);
            if self.unclean.contains(&place) {
                continue; // a marker may be lost, and then nobody knows
            }
            assert_eq!(partition.last_stable_offset(), partition.log.end(), "{place:?}: something is undecided");
            let committed = committed(partition);
            for read in read_log(partition) {
                let shown = committed.contains(&read.offset);
                match fate(read.number) {
                    None => assert!(shown, "{place:?}: {read:?} is of no transaction"),
                    Some((_, Fate::Committed)) => assert!(shown, "{place:?}: {read:?} was committed"),
                    Some((_, Fate::Open | Fate::Aborted)) => assert!(!shown, "{place:?}: {read:?} was aborted"),
                    Some((id, Fate::InDoubt)) => {
                        let other = in_doubt.insert(id, shown).unwrap_or(shown);
                        assert_eq!(other, shown, "transaction {id} was committed in a part of its partitions");
                    }
                }
            }
        }
    }
}

/// The offsets that transactions have committed.
impl RecordTruth {
    /// Only those of committed transactions count. The offset is the number of its transaction.
    fn audit_offsets(&self, core: &Core) {
        let Some(group) = core.groups.get(transactional::GROUP) else { return };
        for (topic, partition) in partitions(core) {
            if let Some(committed) = group.offsets.get(topic, partition.index) {
                let fate = self.transactions[committed.offset as usize];
                let may_be = matches!(fate, Fate::Committed | Fate::InDoubt);
                assert!(may_be, "offsets of transaction {} count, which is {fate:?}", committed.offset);
            }
        }
    }
}

fn read_log(partition: &Partition) -> Vec<Read> {
    let mut next = partition.log.start();
    let mut records = Vec::new();
    for batch in partition.log.batches() {
        assert!(batch.header.base_offset <= next, "there is a gap before {}", batch.header.base_offset);
        next = batch.header.last_offset() + 1;
        records.extend(payload::records(&batch.header, batch.bytes()));
    }
    assert_eq!(next, partition.log.end());
    records
}

/// The offsets that a consumer shows that reads the whole partition, and what is committed only: it leaves out the
/// batches of a producer from where one of its aborted transactions begins to the marker that ends it.
fn committed(partition: &Partition) -> BTreeSet<i64> {
    let mut aborted: Vec<(i64, i64)> =
        partition.aborted(0, partition.log.end()).map(|ended| (ended.first, ended.producer_id)).collect();
    aborted.sort_unstable();
    let mut aborted = aborted.into_iter().peekable();
    let mut left_out = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for batch in partition.log.batches() {
        while let Some((_, producer)) = aborted.next_if(|(first, _)| *first <= batch.header.last_offset()) {
            left_out.insert(producer);
        }
        if batch.header.is_control() {
            left_out.remove(&batch.header.producer_id);
        } else if !batch.header.is_transactional() || !left_out.contains(&batch.header.producer_id) {
            shown.extend(payload::records(&batch.header, batch.bytes()).iter().map(|read| read.offset));
        }
    }
    shown
}
