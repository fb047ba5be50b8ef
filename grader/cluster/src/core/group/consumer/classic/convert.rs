//! A group takes its members along when it changes its protocol.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::super::classic_member::Classic;
use crate::core::Core;
use crate::core::group::Members;
use crate::core::group::classic::{self, ClassicGroup, Emigrant};
use crate::core::group::consumer::ConsumerGroup;
use crate::core::group::consumer::member::Member;
use crate::core::group::consumer::partitions::{self, Owned, Partitions};
use crate::core::group::embedded::{self, ByTopic, Subscription};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::time::Now;
use crate::topics::Topics;

impl ConsumerGroup {
    /// The group that a classic one becomes when somebody joins it who speaks KIP-848: its generation is the epoch, and
    /// what the leader has assigned is the target, and owned (`ConsumerGroup.fromClassicGroup`).
    pub(in crate::core::group::consumer) fn upgraded(
        id: &str,
        classic: &ClassicGroup,
        topics: &Topics,
        settings: &Settings,
        now: Now,
    ) -> Result<ConsumerGroup, Refusal> {
        let refuse = |why| {
            let why = format!("Cannot upgrade classic group {id} to consumer group because the {why}.");
            Err(Refusal::new(ResponseError::GroupIdNotFound, why))
        };
        if !classic.uses_consumer_protocol() {
            return refuse("group does not use the consumer embedded protocol");
        }
        if classic.size() > settings.most_group_members {
            return refuse("group size exceeds the consumer group maximum size");
        }
        let epoch = classic.generation();
        let mut group = ConsumerGroup { epoch, target_epoch: epoch, ..ConsumerGroup::default() };
        for (emigrant, subscription) in classic.emigrants(now) {
            let subscription = Subscription::read(&subscription);
            let (Some(subscription), Some(assigned)) = (subscription, embedded::read_assignment(&emigrant.assignment))
            else {
                return refuse("embedded consumer protocol is malformed");
            };
            group.take_in(emigrant, subscription, &by_id(&assigned, topics));
        }
        group.look_at_topics(topics);
        Ok(group)
    }

    fn take_in(&mut self, emigrant: Emigrant, subscription: Subscription, assigned: &Partitions) {
        let mut owned = Owned::new();
        for (topic, index) in partitions::each(assigned) {
            owned.entry(topic).or_default().insert(index, self.epoch);
        }
        let mut member = Member {
            epoch: self.epoch,
            previous_epoch: self.epoch,
            instance: emigrant.instance,
            rack: subscription.rack,
            client_id: emigrant.client_id,
            client_host: emigrant.host,
            rebalance_timeout_ms: emigrant.rebalance_timeout_ms,
            topic_names: subscription.topics.into_iter().collect(),
            assigned: owned,
            session_ends: emigrant.expires,
            classic: Some(Classic {
                session_timeout_ms: emigrant.session_timeout_ms,
                protocols: emigrant.protocols,
                join_ends: None,
                sync_ends: None,
            }),
            ..Member::default()
        };
        member.bytes = member.measure();
        if let Some(instance) = &member.instance {
            self.instances.insert(instance.clone(), emigrant.id.clone());
        }
        self.targets.insert(emigrant.id.clone(), assigned.clone());
        self.members.insert(emigrant.id, member);
    }

    /// The classic group that this one becomes without these members. None while others speak KIP-848, or nobody is left.
    fn downgraded(&self, without: &[String], topics: &Topics, now: Now) -> Option<ClassicGroup> {
        let left = || self.members.iter().filter(|(id, _)| !without.contains(id));
        let emigrants: Vec<Emigrant> =
            left().map(|(id, member)| self.emigrant(id, member, topics, now)).collect::<Option<_>>()?;
        (!emigrants.is_empty()).then(|| ClassicGroup::immigrants(self.epoch, emigrants))
    }

    /// This member as a classic group takes it; none if it speaks KIP-848.
    fn emigrant(&self, id: &str, member: &Member, topics: &Topics, now: Now) -> Option<Emigrant> {
        let classic = member.classic.as_ref()?;
        let none = Partitions::new();
        Some(Emigrant {
            id: id.to_owned(),
            instance: member.instance.clone(),
            client_id: member.client_id.clone(),
            host: member.client_host.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: classic.session_timeout_ms,
            protocols: classic.protocols.clone(),
            assignment: assignment(classic, self.targets.get(id).unwrap_or(&none), topics),
            expires: now.after_ms(classic.session_timeout_ms),
        })
    }
}

/// Members have left a group or were put out. If only classic ones remain, the group is classic from now on, and these
/// have to join again.
pub(in crate::core::group::consumer) fn remove(core: &mut Core, id: &str, leaving: &[String], now: Now) {
    let topics = &core.topics;
    let Some(Members::Consumer(group)) = core.groups.get_mut(id).map(|group| &mut group.members) else { return };
    if leaving.is_empty() {
        return;
    }
    if let Some(classic) = group.downgraded(leaving, topics, now) {
        return classic::settle(core, id, classic, true, now);
    }
    leaving.iter().for_each(|id| group.remove(id, topics));
}

/// A static member that speaks KIP-848 has come back as a classic one. If it was the last of its kind, the group is
/// classic from now on, and all keep what they have.
pub(super) fn settle_if_classic(core: &mut Core, id: &str, now: Now) {
    let topics = &core.topics;
    let Some(Members::Consumer(group)) = core.groups.get(id).map(|group| &group.members) else { return };
    if let Some(classic) = group.downgraded(&[], topics, now) {
        classic::settle(core, id, classic, false, now);
    }
}

/// Partitions in the words of the embedded protocol, in the version that the member itself writes.
pub(super) fn assignment(classic: &Classic, owned: &Partitions, topics: &Topics) -> Bytes {
    let written = classic.protocols.first().map(|protocol| protocol.metadata.as_ref());
    let version = written.and_then(Subscription::read).map_or(0, |subscription| subscription.version);
    let known = owned.iter().filter_map(|(id, indexes)| Some((topics.by_id(*id)?, indexes)));
    let assigned: ByTopic =
        known.map(|(topic, indexes)| (topic.name.clone(), indexes.iter().copied().collect())).collect();
    embedded::write_assignment(version, &assigned)
}

/// The same partitions by the ids of topics. Those that are gone are left out.
pub(super) fn by_id(assigned: &ByTopic, topics: &Topics) -> Partitions {
    let mut partitions: Partitions = BTreeMap::new();
    for (name, indexes) in assigned {
        let Some(topic) = topics.get(name) else { continue };
        partitions.entry(topic.id).or_default().extend(indexes);
    }
    partitions.retain(|_, indexes| !indexes.is_empty());
    partitions
}
