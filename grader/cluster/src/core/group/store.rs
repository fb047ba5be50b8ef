//! The groups of a cluster, by their ids, and when each of them has something to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::answers::Answers;
use super::{ClassicGroup, ConsumerGroup, GroupSettings, Offsets};
use crate::settings::Settings;
use crate::time::Now;
use crate::watch::Connection;

/// The members of a group, by the protocol that they speak.
#[derive(Debug)]
pub enum Members {
    Classic(ClassicGroup),
    /// KIP-848
    Consumer(ConsumerGroup),
}

impl Members {
    /// When the group has something to do by time alone.
    fn next_timer(&self) -> Option<Duration> {
        match self {
            Members::Classic(group) => group.next_timer(),
            Members::Consumer(group) => group.next_timer(),
        }
    }

    /// Bytes that they keep.
    fn bytes(&self) -> usize {
        match self {
            Members::Classic(group) => group.bytes(),
            Members::Consumer(group) => group.bytes(),
        }
    }
}

/// A group: its members, and the offsets that outlive them.
#[derive(Debug)]
pub struct Group {
    pub members: Members,
    pub offsets: Offsets,
    timer: Option<Duration>,
    bytes: usize,
}

impl Group {
    pub fn new(members: Members) -> Group {
        Group { members, offsets: Offsets::default(), timer: None, bytes: 0 }
    }
}

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    by_id: BTreeMap<String, Group>,
    timers: BTreeSet<(Duration, String)>,
    /// Those that may have been changed, so that their timers have to be looked at.
    touched: BTreeSet<String>,
    /// Of those groups that have some of their own, whether they are there or not.
    settings: BTreeMap<String, GroupSettings>,
    bytes: usize,
    pub(super) answers: Answers,
}

impl Groups {
    pub fn get(&self, id: &str) -> Option<&Group> {
        self.by_id.get(id)
    }

    /// The group, to be changed. Its timer is looked at again afterwards ([`Groups::settle`]).
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        let group = self.by_id.get_mut(id)?;
        self.touched.insert(id.to_owned());
        Some(group)
    }

    /// A new group; or another one in place of that with this id.
    pub fn insert(&mut self, id: &str, group: Group) {
        self.remove(id);
        self.by_id.insert(id.to_owned(), group);
        self.touched.insert(id.to_owned());
    }

    pub fn remove(&mut self, id: &str) -> Option<Group> {
        let group = self.by_id.remove(id)?;
        self.bytes -= group.bytes;
        if let Some(at) = group.timer {
            self.timers.remove(&(at, id.to_owned()));
        }
        Some(group)
    }

    /// What a group has of settings of its own.
    pub fn settings_of(&self, id: &str) -> GroupSettings {
        self.settings.get(id).copied().unwrap_or_default()
    }

    /// The groups that have settings of their own.
    pub fn with_settings(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    /// Gives a group settings of its own, unless there is no more room for that.
    pub fn set_settings(&mut self, id: &str, own: GroupSettings, settings: &Settings) -> bool {
        let bytes = id.len() + size_of::<GroupSettings>();
        if own == GroupSettings::default() {
            self.bytes -= self.settings.remove(id).map_or(0, |_| bytes);
            return true;
        }
        let new = !self.settings.contains_key(id);
        if new && (!self.has_room(settings) || self.settings.len() >= settings.most_groups) {
            return false;
        }
        self.bytes += if new { bytes } else { 0 };
        self.settings.insert(id.to_owned(), own);
        true
    }

    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.by_id.iter().map(|(id, group)| (id.as_str(), group))
    }

    /// May somebody join or commit? Otherwise members and offsets take too much already.
    pub fn has_room(&self, settings: &Settings) -> bool {
        self.bytes < settings.group_bytes
    }

    /// Bytes that all of them keep.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// May there be one more group?
    pub fn has_room_for_group(&self, settings: &Settings) -> bool {
        self.by_id.len() < settings.most_groups
    }

    /// When the next timer runs out.
    pub fn next_timer(&self) -> Option<Duration> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Whoever waited for an answer there will not hear it. Its member stays: only time tells that it has gone.
    pub fn disconnected(&mut self, connection: Connection) {
        self.answers.withdraw(connection);
    }

    /// Looks at the groups that have been changed: at their timers, and at how much they keep.
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.touched.pop_first() {
            let Some(group) = self.by_id.get_mut(&id) else { continue };
            let bytes = id.len() + size_of::<Group>() + group.members.bytes() + group.offsets.bytes();
            self.bytes = self.bytes - std::mem::replace(&mut group.bytes, bytes) + bytes;
            let timer = group.members.next_timer();
            if timer == group.timer {
                continue;
            }
            if let Some(at) = std::mem::replace(&mut group.timer, timer) {
                self.timers.remove(&(at, id.clone()));
            }
            if let Some(at) = timer {
                self.timers.insert((at, id));
            }
        }
    }

    /// A group whose timer has run out; the timer is taken away.
    pub(super) fn take_due(&mut self, now: Now) -> Option<String> {
        self.timers.first().filter(|(at, _)| *at <= now.elapsed)?;
        let (_, id) = self.timers.pop_first()?;
        self.by_id.get_mut(&id)?.timer = None;
        self.touched.insert(id.clone());
        Some(id)
    }
}
