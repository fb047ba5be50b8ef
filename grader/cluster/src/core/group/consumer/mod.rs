//! KIP-848: the coordinator assigns partitions, and members follow by heartbeats.
//!
//! Three epochs tell how far everybody is. The group's rises when a member comes, goes or subscribes to something else,
//! and when a topic of theirs changes. The target's is the group's epoch that the latest assignment was made for. A
//! member's is that of the target that it has reached.

mod assign;
mod change;
mod check;
pub(super) mod classic;
mod classic_member;
mod describe;
mod heartbeat;
mod member;
mod partitions;
mod reconcile;
mod subscription;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use assign::{Assignor, Subscriber};
use member::Member;
use partitions::Partitions;
use subscription::Resolved;

use crate::core::Core;
use crate::core::group::Members;
use crate::time::Now;
use crate::topics::Topics;

pub(super) use describe::describe;
pub(super) use heartbeat::heartbeat;

/// Bytes of an entry in a map, about.
const ENTRY_BYTES: usize = 48;

/// A group of KIP-848.
#[derive(Debug)]
pub struct ConsumerGroup {
    epoch: i32,
    target_epoch: i32,
    /// When the target was computed. None while there is none, or nobody who would have it.
    target_made: Option<Duration>,
    targets: assign::Targets,
    members: BTreeMap<String, Member>,
    /// The member of each `group.instance.id`.
    instances: BTreeMap<String, String>,
    /// The patterns that members are subscribed to, and the topics that match them.
    regexes: BTreeMap<String, Resolved>,
    /// Of the topics that members are subscribed to, those that exist, with the number of their partitions, as they were
    /// when the group's epoch rose last.
    topics: BTreeMap<String, (Uuid, i32)>,
    /// The version of all topics ([`Topics::version`]) that `topics` was made from.
    topics_seen: Option<u64>,
    /// The same of `regexes`.
    regexes_seen: Option<u64>,
}

impl Default for ConsumerGroup {
    /// A new group begins with epoch 1, and its first member makes it 2 (`ModernGroup`).
    fn default() -> Self {
        ConsumerGroup {
            epoch: 1,
            target_epoch: 0,
            target_made: None,
            targets: BTreeMap::new(),
            members: BTreeMap::new(),
            instances: BTreeMap::new(),
            regexes: BTreeMap::new(),
            topics: BTreeMap::new(),
            topics_seen: None,
            regexes_seen: None,
        }
    }
}

impl ConsumerGroup {
    /// When the group has something to do by time alone.
    pub fn next_timer(&self) -> Option<Duration> {
        self.members.values().map(Member::deadline).min()
    }

    /// Without members?
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Bytes that its members keep, about.
    pub fn bytes(&self) -> usize {
        let partitions: usize = self.topics.values().map(|(_, count)| usize::try_from(*count).unwrap_or(0)).sum();
        let names: usize = self.topics.keys().map(|name| name.len() + ENTRY_BYTES).sum();
        // A partition stands in a target, and once or twice in what members own.
        let members: usize = self.members.values().map(|member| member.bytes + size_of::<Member>()).sum();
        members + names * (1 + self.regexes.len()) + partitions * 3 * ENTRY_BYTES
    }

    /// The state as it is shown: `Empty`, `Assigning`, `Reconciling`, `Stable`.
    pub fn state(&self) -> &'static str {
        if self.members.is_empty() {
            "Empty"
        } else if self.epoch > self.target_epoch {
            "Assigning"
        } else if self.members.values().all(|member| member.has_reached(self.target_epoch)) {
            "Stable"
        } else {
            "Reconciling"
        }
    }

    fn member_of_instance(&self, instance: &str) -> Option<&Member> {
        self.members.get(self.instances.get(instance)?)
    }

    /// The assignor that most members ask for (`ConsumerGroup.computePreferredServerAssignor`).
    fn assignor(&self) -> Assignor {
        let asked = |assignor: &Assignor| {
            self.members.values().filter(|member| member.assignor.as_deref() == Some(assignor.name())).count()
        };
        let mut best = Assignor::EACH[0];
        for assignor in Assignor::EACH {
            if asked(&assignor) > asked(&best) {
                best = assignor;
            }
        }
        best
    }

    fn raise_epoch(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
    }

    /// Computes the target for the group's epoch, unless that has been done, or it is too early for another one
    /// (`group.consumer.assignment.interval.ms`, KIP-1263).
    fn update_target(&mut self, topics: &Topics, interval: Duration, now: Now) {
        let early = self.target_made.is_some_and(|made| now.elapsed < made + interval);
        if self.epoch <= self.target_epoch || early {
            return;
        }
        let mut group = assign::Group::default();
        for (id, member) in &self.members {
            let subscribed = self.subscribed_topics(member, topics);
            for topic in subscribed.iter().filter_map(|id| topics.by_id(*id)) {
                group.topics.insert(topic.id, i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX));
            }
            let target = self.targets.get(id).cloned().unwrap_or_default();
            group.members.insert(id, Subscriber { instance: member.instance.as_deref(), topics: subscribed, target });
        }
        self.targets = self.assignor().assign(&group);
        self.target_epoch = self.epoch;
        self.target_made = Some(now.elapsed);
    }

    /// Moves a member on towards its target. True if something has changed.
    fn reconcile(
        &mut self,
        id: &str,
        topics: &Topics,
        reported: Option<&Partitions>,
        subscription_changed: bool,
        now: Now,
    ) -> bool {
        let Some(mut member) = self.members.remove(id) else { return false };
        let mut changed = false;
        if subscription_changed || !member.has_reached(self.target_epoch) {
            let held = self.held();
            let none = Partitions::new();
            let step = reconcile::Step {
                target_epoch: self.target_epoch,
                target: self.targets.get(id).unwrap_or(&none),
                subscribed: &self.subscribed_topics(&member, topics),
                subscription_changed,
                reported,
                held_by_others: &|topic, index| held.contains(&(topic, index)),
            };
            changed = step.apply(&mut member);
        }
        if changed {
            let waits = member.state == member::State::UnrevokedPartitions;
            member.revocation_ends = waits.then(|| now.after_ms(member.rebalance_timeout_ms));
        }
        self.members.insert(id.to_owned(), member);
        changed
    }

    /// The partitions that members hold, or have not given up yet.
    fn held(&self) -> BTreeSet<(Uuid, i32)> {
        let owned = self.members.values().flat_map(|member| [&member.assigned, &member.pending_revocation]);
        owned.flat_map(partitions::each_owned).map(|(topic, index, _)| (topic, index)).collect()
    }

    /// A member has left, or was put out.
    fn remove(&mut self, id: &str, topics: &Topics) {
        let Some(member) = self.members.remove(id) else { return };
        self.targets.remove(id);
        if let Some(instance) = &member.instance {
            self.instances.remove(instance);
        }
        self.forget_unused_regexes();
        self.look_at_topics(topics);
        self.raise_epoch();
        if self.members.is_empty() {
            self.target_epoch = self.epoch;
            self.target_made = None;
        }
    }

    /// Those whose time has run out.
    fn late(&self, now: Now) -> Vec<String> {
        let late = self.members.iter().filter(|(_, member)| member.deadline() <= now.elapsed);
        late.map(|(id, _)| id.clone()).collect()
    }
}

/// Lets happen what is due in this group.
pub(super) fn tick(core: &mut Core, group: &str, now: Now) {
    if let Some(Members::Consumer(consumers)) = core.groups.get(group).map(|group| &group.members) {
        let late = consumers.late(now);
        classic::remove(core, group, &late, now);
    }
}
