//! The next step of a member towards its target (`CurrentAssignmentBuilder`).
//!
//! A member gives up first what it shall not have any more; then it gets what nobody else holds. So no partition has two
//! owners at any time.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::member::{Member, State};
use super::partitions::{self, Owned, Partitions};

/// What a step depends on, beside the member.
pub struct Step<'a> {
    pub target_epoch: i32,
    pub target: &'a Partitions,
    /// The topics that the member is subscribed to now. Others are given up even if the target still has them.
    pub subscribed: &'a BTreeSet<Uuid>,
    /// Has its subscription changed with this heartbeat?
    pub subscription_changed: bool,
    /// The partitions that it says it owns; None where it does not say.
    pub reported: Option<&'a Partitions>,
    /// Does another member hold this partition?
    pub held_by_others: &'a dyn Fn(Uuid, i32) -> bool,
}

impl Step<'_> {
    /// Moves the member on, if it can move. True if something has changed.
    pub fn apply(&self, member: &mut Member) -> bool {
        let waits = member.state == State::UnrevokedPartitions && self.still_owns(&member.pending_revocation);
        let there = member.has_reached(self.target_epoch);
        match (waits || there, self.subscription_changed) {
            (true, true) => self.drop_unsubscribed(member),
            (true, false) => false,
            (false, _) => {
                self.advance(member);
                true
            }
        }
    }

    /// Does the member say that it owns one of these? If it says nothing, it does.
    fn still_owns(&self, given_up: &Owned) -> bool {
        let Some(reported) = self.reported else { return true };
        partitions::each_owned(given_up).any(|(topic, index, _)| partitions::contains(reported, topic, index))
    }

    /// The topics that it is not subscribed to any more are given up at once, without waiting for a new target.
    fn drop_unsubscribed(&self, member: &mut Member) -> bool {
        let (kept, dropped): (Owned, Owned) =
            std::mem::take(&mut member.assigned).into_iter().partition(|(topic, _)| self.subscribed.contains(topic));
        member.assigned = kept;
        if dropped.is_empty() {
            return false;
        }
        let mut pending = member.pending_revocation.clone();
        for (topic, indexes) in dropped {
            pending.entry(topic).or_default().extend(indexes);
        }
        if self.still_owns(&pending) {
            member.state = State::UnrevokedPartitions;
            member.pending_revocation = pending;
        }
        member.move_to(member.epoch);
        true
    }

    fn advance(&self, member: &mut Member) {
        let mut kept = Owned::new();
        let mut given_up = Owned::new();
        for (topic, index, epoch) in partitions::each_owned(&member.assigned) {
            let side = if self.wants(topic, index) { &mut kept } else { &mut given_up };
            side.entry(topic).or_default().insert(index, epoch);
        }
        if !given_up.is_empty() && self.still_owns(&given_up) {
            member.state = State::UnrevokedPartitions;
            member.move_to(member.epoch);
            member.assigned = kept;
            member.pending_revocation = given_up;
            return;
        }
        let missing = partitions::each(self.target).filter(|(topic, index)| {
            self.subscribed.contains(topic) && partitions::epoch_of(&kept, *topic, *index).is_none()
        });
        let (unreleased, free): (Vec<_>, Vec<_>) =
            missing.partition(|(topic, index)| (self.held_by_others)(*topic, *index));
        for (topic, index) in free {
            kept.entry(topic).or_default().insert(index, self.target_epoch);
        }
        member.state = if unreleased.is_empty() { State::Stable } else { State::UnreleasedPartitions };
        member.move_to(self.target_epoch);
        member.assigned = kept;
        member.pending_revocation = Owned::new();
    }

    fn wants(&self, topic: Uuid, index: i32) -> bool {
        self.subscribed.contains(&topic) && partitions::contains(self.target, topic, index)
    }
}
