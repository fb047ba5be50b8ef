//! What has been promised to clients, and whether it is kept.
//!
//! Requests are looked at as they are carried out, and answers as they are given, whether they arrive or not.

mod groups;
mod records;

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::messages::{RequestKind, ResponseKind};

use super::world::TOPICS;
use crate::core::Core;
use crate::core::call::Call;
use crate::partition::Partition;
use groups::GroupTruth;
pub use records::Fate;
use records::RecordTruth;

#[derive(Default)]
pub struct Truth {
    pub records: RecordTruth,
    groups: GroupTruth,
    /// High watermark of each partition.
    high_watermarks: BTreeMap<(String, i32), i64>,
    /// Producer id and epoch of each transactional id.
    producers: BTreeMap<String, (i64, i16)>,
}

impl Truth {
    /// A request is about to be carried out.
    pub fn asked(&mut self, call: &Call, elapsed: Duration) {
        self.groups.asked(call, elapsed);
    }

    pub fn answered(&mut self, call: &Call, answer: &ResponseKind, core: &Core, elapsed: Duration) {
        if let (RequestKind::Produce(request), ResponseKind::Produce(answer)) = (&call.request, answer) {
            self.records.produced(request, answer, core);
        }
        if let (RequestKind::Fetch(request), ResponseKind::Fetch(answer)) = (&call.request, answer) {
            self.records.fetched(request, answer, core);
        }
        self.groups.answered(call, answer, elapsed);
    }

    /// An unclean election: what a partition has from this offset on may be lost.
    pub fn lose(&mut self, topic: &str, index: i32, end: i64) {
        self.records.lose(topic, index, end);
        let high_watermark = self.high_watermarks.entry((topic.to_owned(), index)).or_default();
        *high_watermark = end.min(*high_watermark);
    }

    /// What has to hold after every step.
    pub fn check(&mut self, core: &Core) {
        for (topic, partition) in partitions(core) {
            let key = (topic.to_owned(), partition.index);
            let high_watermark = partition.high_watermark();
            let before = self.high_watermarks.insert(key, high_watermark).unwrap_or_default();
            let place = format!("{topic}-{}", partition.index);
            assert!(high_watermark >= before, "{place}: the high watermark has gone back to {high_watermark}");
            assert!(high_watermark <= partition.log.end(), "{place}: the high watermark is beyond the end");
            assert!(partition.last_stable_offset() <= high_watermark, "{place}: undecided records are stable");
            for replica in partition.replicas.iter() {
                assert!(replica.end <= partition.log.end(), "{place}: {replica:?} has more than the leader");
                let has_all = !replica.in_sync || replica.end >= high_watermark;
                assert!(has_all, "{place}: {replica:?} is in sync and lacks what is below {high_watermark}");
            }
        }
        for (id, transaction) in core.transactions.iter() {
            let now = (transaction.producer.id, transaction.producer.epoch);
            let before = self.producers.insert(id.clone(), now).unwrap_or((-1, -1));
            assert!(now >= before, "the producer of {id} was {before:?} and is {now:?}");
        }
    }

    /// What has to hold after everything that changes logs other than by appending.
    pub fn check_logs(&self, core: &Core) {
        self.records.check_logs(core);
    }

    /// What has to hold at the end, when all is well.
    pub fn audit(&self, core: &Core) {
        self.check_logs(core);
        self.records.audit(core);
        self.groups.audit(core);
    }
}

/// All partitions of the topics that clients use.
fn partitions(core: &Core) -> impl Iterator<Item = (&'static str, &Partition)> {
    let topics = TOPICS.iter().filter_map(|(name, ..)| Some((*name, core.topics.get(name)?)));
    topics.flat_map(|(name, topic)| topic.partitions.iter().map(move |partition| (name, partition)))
}
