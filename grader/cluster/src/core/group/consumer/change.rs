//! What a heartbeat changes in its group.

use std::time::Duration;

use regex::Regex;

use super::ConsumerGroup;
use super::member::Member;
use super::partitions::Partitions;
use crate::settings::Settings;
use crate::time::Now;
use crate::topics::Topics;

/// A member that joins, or says something new.
pub(super) struct Change<'a> {
    pub id: &'a str,
    pub member: Member,
    pub before: &'a Member,
    /// The id of the static member whose place it takes.
    pub replaced: Option<String>,
    /// The partitions that it says it owns; None where it does not say.
    pub reported: Option<&'a Partitions>,
    pub new_regex: Option<(String, Regex)>,
    /// Does its pattern change what the group is subscribed to?
    pub regex_counts: bool,
}

impl ConsumerGroup {
    /// Takes the change in: the group's epoch rises if its subscription is another one, and the member moves on towards
    /// its target.
    pub(super) fn carry_out(&mut self, change: Change<'_>, topics: &Topics, settings: &Settings, now: Now) {
        let Change { id, member, before, replaced, reported, new_regex, regex_counts } = change;
        let names_changed = member.topic_names != before.topic_names;
        let regex_changed = member.topic_regex != before.topic_regex;
        // What is counted over all members only where this one can make a difference.
        let assignor = (member.assignor != before.assignor).then(|| self.assignor());
        if let Some(old_id) = replaced {
            self.members.remove(&old_id);
            if let Some(target) = self.targets.remove(&old_id) {
                self.targets.insert(id.to_owned(), target);
            }
        }
        if let Some(instance) = &member.instance {
            self.instances.insert(instance.clone(), id.to_owned());
        }
        self.members.insert(id.to_owned(), member);
        if regex_changed {
            self.forget_unused_regexes();
        }
        if let Some((text, compiled)) = new_regex {
            self.add_regex(&text, compiled);
        }
        let bump = names_changed || regex_counts || assignor.is_some_and(|assignor| self.assignor() != assignor);
        let topics_changed = self.topics_seen != Some(topics.version());
        let news = (bump || topics_changed) && self.look_at_topics(topics);
        if bump || news {
            self.raise_epoch();
        }
        let interval = Duration::from_millis(settings.consumer_assignment_interval_ms);
        self.update_target(topics, interval, now);
        self.reconcile(id, topics, reported, names_changed || regex_changed, now);
    }
}
