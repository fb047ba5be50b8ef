//! What members are subscribed to: topics by name, and by a pattern.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Regex, RegexBuilder};
use uuid::Uuid;

use super::ConsumerGroup;
use super::member::Member;
use crate::topics::Topics;

/// Bytes of a compiled pattern; beyond that it is refused. A pattern for names of topics takes some kilobytes.
const COMPILED_BYTES: usize = 1 << 20;

/// A pattern that members are subscribed to.
#[derive(Debug)]
pub struct Resolved {
    regex: Regex,
    /// The names that match. None until they have been looked for, which is after the answer to the heartbeat that brought
    /// the pattern: Kafka looks for them in the background.
    topics: Option<BTreeSet<String>>,
}

impl Resolved {
    pub fn is_resolved(&self) -> bool {
        self.topics.is_some()
    }
}

/// A pattern that matches names as a whole. Kafka uses RE2/J, which knows about the same syntax and is as safe against
/// patterns that would take for ever.
///
/// # Errors
/// Why it is none.
pub fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(&format!("^(?:{text})$")).size_limit(COMPILED_BYTES).nest_limit(100).build().map_err(|error| {
        let words = error.to_string();
        let last = words.lines().last().unwrap_or_default();
        in_words_of_re2(last.strip_prefix("error: ").unwrap_or(last)).to_owned()
    })
}

/// What RE2/J calls the usual faults.
fn in_words_of_re2(fault: &str) -> &str {
    match fault {
        "unclosed group" => "missing closing )",
        "unopened group" => "unexpected )",
        "unclosed character class" => "missing closing ]",
        "repetition operator missing expression" => "missing argument to repetition operator",
        "unrecognized escape sequence" => "invalid escape sequence",
        "incomplete escape sequence, reached end of pattern prematurely" => "trailing backslash at end of expression",
        other => other,
    }
}

impl ConsumerGroup {
    /// Is a member subscribed to this topic?
    pub fn subscribes(&self, topic: &str) -> bool {
        self.members.values().any(|member| member.topic_names.contains(topic))
            || self.regexes.values().filter_map(|resolved| resolved.topics.as_ref()).any(|names| names.contains(topic))
    }

    /// The topics that a member is subscribed to and that exist.
    pub(super) fn subscribed_topics(&self, member: &Member, topics: &Topics) -> BTreeSet<Uuid> {
        let resolved = member.regex().and_then(|regex| self.regexes.get(regex)?.topics.as_ref());
        let names = member.topic_names.iter().chain(resolved.into_iter().flatten());
        names.filter_map(|name| topics.get(name)).map(|topic| topic.id).collect()
    }

    /// Has this pattern been looked for? None if nobody has brought it yet.
    pub(super) fn is_resolved(&self, regex: &str) -> Option<bool> {
        self.regexes.get(regex).map(Resolved::is_resolved)
    }

    /// Somebody subscribes to this pattern.
    pub(super) fn add_regex(&mut self, text: &str, regex: Regex) {
        self.regexes.entry(text.to_owned()).or_insert(Resolved { regex, topics: None });
    }

    pub(super) fn forget_unused_regexes(&mut self) {
        let used: BTreeSet<&str> = self.members.values().filter_map(Member::regex).collect();
        self.regexes.retain(|text, _| used.contains(text.as_str()));
    }

    /// Looks for the topics of patterns that are new, and of all when topics have come or gone. The group's epoch rises if
    /// that changes anything.
    pub(super) fn resolve_regexes(&mut self, topics: &Topics) {
        let topics_changed = self.regexes_seen.replace(topics.version()) != Some(topics.version());
        let mut changed = false;
        for resolved in self.regexes.values_mut().filter(|resolved| topics_changed || resolved.topics.is_none()) {
            let names = topics.iter().map(|topic| &topic.name).filter(|name| resolved.regex.is_match(name));
            let names: BTreeSet<String> = names.cloned().collect();
            changed |= resolved.topics.as_ref().map_or(!names.is_empty(), |before| *before != names);
            resolved.topics = Some(names);
        }
        if changed {
            self.look_at_topics(topics);
            self.raise_epoch();
        }
    }

    /// Looks at the topics that members are subscribed to. True if they are not as they were.
    pub(super) fn look_at_topics(&mut self, topics: &Topics) -> bool {
        let by_name = self.members.values().flat_map(|member| &member.topic_names);
        let by_regex = self.regexes.values().filter_map(|resolved| resolved.topics.as_ref()).flatten();
        let existing = by_name.chain(by_regex).filter_map(|name| topics.get(name));
        let seen: BTreeMap<String, (Uuid, i32)> = existing
            .map(|topic| (topic.name.clone(), (topic.id, i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX))))
            .collect();
        self.topics_seen = Some(topics.version());
        let changed = seen != self.topics;
        self.topics = seen;
        changed
    }
}
