//! Groups: a partition has one owner, and what was committed is what a member has sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_protocol::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, OffsetCommitRequest, OffsetCommitResponse,
    RequestKind, ResponseKind, SyncGroupRequest, SyncGroupResponse,
};
use uuid::Uuid;

use super::partitions;
use crate::core::Core;
use crate::core::call::Call;
use crate::simulation::classic;
use crate::simulation::offsets::fetched;

/// What a member of KIP-848 has, as far as the coordinator can know.
#[derive(Debug, Default)]
struct Held {
    /// What it was given last.
    assigned: BTreeSet<(Uuid, i32)>,
    /// What it has said last that it has.
    owned: BTreeSet<(Uuid, i32)>,
    /// When it was heard of last.
    heard: Duration,
}

/// `group.consumer.session.timeout.ms` of the simulated cluster.
const SESSION: Duration = Duration::from_millis(10_000);

/// A group's name, a topic's, and a partition.
type Place = (String, String, i32);

#[derive(Default)]
pub struct GroupTruth {
    /// All offsets that were ever sent.
    sent: BTreeMap<Place, BTreeSet<i64>>,
    /// The last one that was committed outside of transactions.
    committed: BTreeMap<Place, i64>,
    /// Where transactions commit, too: what counts there depends on them.
    transactional: BTreeSet<Place>,
    /// Members of KIP-848, by group and id.
    held: BTreeMap<(String, String), Held>,
    /// Of classic groups, by group and generation: who has what.
    owners: BTreeMap<(String, i32), BTreeMap<(String, i32), String>>,
    /// Generations of classic groups.
    generations: BTreeMap<String, i32>,
}

impl GroupTruth {
    pub fn asked(&mut self, call: &Call, _elapsed: Duration) {
        match &call.request {
            RequestKind::OffsetCommit(request) => {
                for (place, offset) in committing(request) {
                    self.sent.entry(place).or_default().insert(offset);
                }
            }
            RequestKind::TxnOffsetCommit(request) => {
                for topic in &request.topics {
                    for partition in &topic.partitions {
                        let place = (request.group_id.to_string(), topic.name.to_string(), partition.partition_index);
                        self.transactional.insert(place.clone());
                        self.sent.entry(place).or_default().insert(partition.committed_offset);
                    }
                }
            }
            _ => {}
        }
    }

    pub fn answered(&mut self, call: &Call, answer: &ResponseKind, elapsed: Duration) {
        match (&call.request, answer) {
            (RequestKind::OffsetCommit(request), ResponseKind::OffsetCommit(answer)) => {
                self.offsets_committed(request, answer);
            }
            (RequestKind::OffsetFetch(request), ResponseKind::OffsetFetch(answer)) => {
                for (place, offset) in fetched(request, answer) {
                    self.check_offset(&place, offset);
                }
            }
            (RequestKind::ConsumerGroupHeartbeat(request), ResponseKind::ConsumerGroupHeartbeat(answer)) => {
                self.heartbeat(request, answer, elapsed);
            }
            (RequestKind::JoinGroup(request), ResponseKind::JoinGroup(answer)) if answer.error_code == 0 => {
                let before = self.generations.insert(request.group_id.to_string(), answer.generation_id);
                assert!(before <= Some(answer.generation_id), "generation {answer:?} comes after {before:?}");
            }
            (RequestKind::SyncGroup(request), ResponseKind::SyncGroup(answer)) if answer.error_code == 0 => {
                self.synced(request, answer);
            }
            _ => {}
        }
    }

    fn offsets_committed(&mut self, request: &OffsetCommitRequest, answer: &OffsetCommitResponse) {
        let outcomes = answer.topics.iter().flat_map(|topic| &topic.partitions).map(|partition| partition.error_code);
        for ((place, offset), code) in committing(request).into_iter().zip(outcomes) {
            if code == 0 {
                self.committed.insert(place, offset);
            }
        }
    }

    fn check_offset(&self, place: &Place, offset: i64) {
        let sent = self.sent.get(place).is_some_and(|sent| sent.contains(&offset));
        assert!(offset == -1 || sent, "{place:?}: {offset} is committed, and nobody has sent it");
        if !self.transactional.contains(place) {
            let last = self.committed.get(place).copied().unwrap_or(-1);
            assert_eq!(offset, last, "{place:?}: this is not what was committed last");
        }
    }

    fn heartbeat(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        answer: &ConsumerGroupHeartbeatResponse,
        elapsed: Duration,
    ) {
        if answer.error_code != 0 {
            return;
        }
        let member = answer.member_id.as_deref().unwrap_or(&request.member_id).to_owned();
        let key = (request.group_id.to_string(), member);
        if request.member_epoch < 0 {
            self.held.remove(&key);
            return;
        }
        let held = self.held.entry(key.clone()).or_default();
        held.heard = elapsed;
        if let Some(owned) = &request.topic_partitions {
            let named = owned.iter().flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic_id, *index)));
            held.owned = named.collect();
        }
        let Some(assignment) = &answer.assignment else { return };
        let named = assignment.topic_partitions.iter();
        let named = named.flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic_id, *index)));
        held.assigned = named.collect();
        let assigned = held.assigned.clone();
        for (other, held) in self.held.iter().filter(|(other, _)| other.0 == key.0 && **other != key) {
            let alive = held.heard + SESSION > elapsed;
            let both = assigned.iter().find(|one| held.assigned.contains(one) || held.owned.contains(one));
            assert!(!alive || both.is_none(), "{key:?} is given {both:?}, which {other:?} has: {held:?}");
        }
    }

    fn synced(&mut self, request: &SyncGroupRequest, answer: &SyncGroupResponse) {
        let group = request.group_id.to_string();
        let owners = self.owners.entry((group, request.generation_id)).or_default();
        for partition in classic::read_assignment(&answer.assignment) {
            let owner = owners.entry(partition.clone()).or_insert_with(|| request.member_id.to_string());
            assert_eq!(*owner, *request.member_id, "{partition:?} has two owners in {}", request.generation_id);
        }
    }

    /// At the end, every partition has an owner in every group that has members.
    pub fn audit(&self, core: &Core) {
        let all = partitions(core).count();
        for (group, generation) in &self.generations {
            let owners = self.owners.get(&(group.clone(), *generation));
            assert_eq!(owners.map(BTreeMap::len), Some(all), "partitions without owner in generation {generation}");
        }
        let last = self.held.values().map(|held| held.heard).max().unwrap_or_default();
        let alive: Vec<_> = self.held.values().filter(|held| held.heard + SESSION > last).collect();
        let given: usize = alive.iter().map(|held| held.assigned.len()).sum();
        assert!(alive.is_empty() || given == all, "{given} of {all} partitions are assigned: {alive:?}");
        for held in alive {
            assert_eq!(held.assigned, held.owned, "a member does not have what it was given");
        }
    }
}

fn committing(request: &OffsetCommitRequest) -> Vec<(Place, i64)> {
    let topics = request.topics.iter();
    let partitions = topics.flat_map(|topic| topic.partitions.iter().map(move |partition| (topic, partition)));
    let place = |topic: &str, index| (request.group_id.to_string(), topic.to_owned(), index);
    partitions
        .map(|(topic, partition)| (place(&topic.name, partition.partition_index), partition.committed_offset))
        .collect()
}
