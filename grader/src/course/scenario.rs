//! What the types cannot say of a scenario: everything that is named in it is there.

use super::file::{CourseError, File};
use super::spec::MOST_RECORDS;
use super::{Commit, DeleteRecords, Drill, InputSpec, Replace, Scenario, Step, Topic};
use crate::evidence::{Action, Occurrence, Pattern, Rule, State};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use std::collections::HashSet;
use toml::Spanned;
use toml::de::DeValue;

/// A scenario as data, and where it stands.
pub(super) struct Written<'a> {
    pub file: &'a File,
    /// The words with which it begins in the file.
    pub begins: &'a str,
    pub scenario: &'a Scenario,
    pub topics: &'a [Topic],
    pub groups: &'a [String],
}

/// The list under this key, empty where there is none.
pub(super) fn list<'v, 'i>(value: &'v Spanned<DeValue<'i>>, key: &str) -> &'v [Spanned<DeValue<'i>>] {
    value.get_ref().get(key).and_then(|list| list.get_ref().as_array()).map_or(&[], |list| list)
}

impl Written<'_> {
    /// Holds the scenario against itself; `value` is what holds its `steps`, `rules` and other `parts` in which
    /// everything that bears a name has to be there.
    pub(super) fn validate(&self, value: &Spanned<DeValue<'_>>, parts: &[&str]) -> Result<(), CourseError> {
        self.inputs()?;
        let mut started = HashSet::new();
        let mut steps = list(value, "steps").iter();
        for step in &self.scenario.steps {
            if let Step::Start(role) | Step::Replace(Replace { by: role, .. }) = step
                && !started.insert(role.as_str())
            {
                return self.wrong(role, format!("“{role}” is started twice; the second time is a restart"));
            }
            let value = steps.next();
            match (step, value) {
                (Step::Drill(drill), Some(value)) => self.moments(drill, value)?,
                (Step::Commit(Commit { offsets, .. }), _)
                    if offsets
                        .iter()
                        .any(|at| at.behind[0] > at.behind[1] || at.behind[1].abs() > MOST_RECORDS.into()) =>
                {
                    return self.wrong("behind", "write [least, most] of a number of records".into());
                }
                (Step::DeleteRecords(DeleteRecords { left, .. }), _) if left[0] > left[1] || left[0] < 0 => {
                    return self.wrong("left", "write [least, most] of a number of offsets".into());
                }
                (Step::Begin(input), _) if input.topic.is_none() || input.partitions.len() != 1 => {
                    return self.wrong("begin", "a transaction needs a topic and one of its partitions".into());
                }
                (Step::Feed(feed), _) => self.fed("feed", &feed.input, Some(&feed.until))?,
                (Step::Trickle(trickle), _) => self.fed("trickle", &trickle.input, trickle.until.as_ref())?,
                _ => {}
            }
            value.map_or(Ok(()), |value| self.names(value, &started))?;
        }
        for part in parts.iter().filter_map(|part| value.get_ref().get(*part)) {
            self.names(part, &started)?;
        }
        for (rule, value) in self.scenario.rules.iter().zip(list(value, "rules")) {
            self.rule(rule, value)?;
        }
        self.changes()
    }

    /// Can records be given one by one until that holds?
    fn fed(&self, step: &str, input: &InputSpec, until: Option<&State>) -> Result<(), CourseError> {
        until.map_or(Ok(()), State::validate).or_else(|message| self.wrong(step, message))?;
        match input.topic {
            Some(_) => Ok(()),
            None => self.wrong(step, "what is fed needs a topic".into()),
        }
    }

    /// Has the scenario a cluster that can be changed as it says?
    fn changes(&self) -> Result<(), CourseError> {
        let by_steps = self.scenario.steps.iter().filter_map(|step| match step {
            Step::Change(change) => Some(change),
            _ => None,
        });
        let by_rules = self.scenario.rules.iter().filter_map(|rule| match &rule.action {
            Action::Change(change) => Some(change),
            _ => None,
        });
        let nodes = self.scenario.cluster.map(|cluster| cluster.nodes);
        if let Some(cluster) = self.scenario.cluster.filter(|cluster| cluster.min_insync_replicas > cluster.nodes) {
            let message = format!("there are only {} nodes, each with one replica", cluster.nodes);
            return self.wrong("min-insync-replicas", message);
        }
        for change in by_steps.chain(by_rules) {
            match nodes {
                None => return self.wrong("change", "a change needs `cluster = { nodes = 2 }`, or 3".into()),
                Some(nodes) if !(1..=nodes).contains(&change.node()) => {
                    return self.wrong("change", format!("there is no node {}: they are 1 to {nodes}", change.node()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Can the rule strike, which is written in `value`?
    fn rule(&self, rule: &Rule, value: &Spanned<DeValue<'_>>) -> Result<(), CourseError> {
        rule.validate().map_err(|message| {
            let event = value.get_ref().get("on").and_then(|on| on.get_ref().get("event"));
            self.file.wrong_at(event.unwrap_or(value).span().start + 1, message)
        })
    }

    /// A drill kills the role at its moments, as a rule does.
    fn moments(&self, drill: &Drill, value: &Spanned<DeValue<'_>>) -> Result<(), CourseError> {
        if drill.moments.is_empty() {
            return self.wrong("moments", "a drill needs moments".into());
        }
        let written = value.get_ref().get("drill").map_or(&[][..], |drill| list(drill, "moments"));
        for (moment, value) in drill.moments.iter().zip(written) {
            let (on, states, action) = (moment.on.clone(), moment.states.clone(), Action::Kill(drill.role.clone()));
            self.rule(&Rule { on, states, when: Occurrence::Nth(moment.within.0), per: None, action }, value)?;
        }
        Ok(())
    }

    fn wrong(&self, word: &str, message: String) -> Result<(), CourseError> {
        Err(self.file.wrong((self.begins, word), message))
    }

    /// All that the program gets to work on.
    fn given(&self) -> impl Iterator<Item = &InputSpec> {
        let later = self.scenario.steps.iter().filter_map(|step| match step {
            Step::Produce(input) | Step::Begin(input) => Some(input),
            Step::Feed(feed) => Some(&feed.input),
            Step::Trickle(trickle) => Some(&trickle.input),
            Step::Drill(drill) => Some(&drill.input),
            _ => None,
        });
        self.scenario.input.iter().chain(later)
    }

    fn inputs(&self) -> Result<(), CourseError> {
        for (at, input) in self.given().enumerate() {
            if let Some(topic) = &input.topic
                && !self.topics.iter().any(|known| known.name == *topic)
            {
                return self.wrong(topic, format!("the topic “{topic}” is not in topics"));
            }
            if input.op.is_some() && input.topic.is_some() {
                return self.wrong("op", "input is put into a topic, or asked for by calls of an op: not both".into());
            }
            if input.topic.is_none() && (at > 0 || self.scenario.input.is_none()) {
                return self.wrong("generator", "input that comes later needs a topic".into());
            }
            if input.count[0] > input.count[1] {
                return self.wrong("count", format!("count = {:?} goes down; write [least, most]", input.count));
            }
            if input.count[1] > MOST_RECORDS {
                return self.wrong("count", format!("count = {:?} is too many: at most {MOST_RECORDS}", input.count));
            }
            let count = self.topics.iter().find(|topic| Some(&topic.name) == input.topic.as_ref());
            let count = count.map_or(0, |topic| topic.partitions);
            if let Some(wrong) = input.partitions.iter().find(|partition| !(0..count).contains(partition)) {
                return self.wrong("partitions", format!("there is no partition {wrong} to put records into"));
            }
            let marked: u64 = input.marks.values().copied().map(u64::from).sum();
            if marked > input.count[0].into() {
                let message = format!("{marked} marks, and perhaps only {} records", input.count[0]);
                return self.wrong("marks", message);
            }
        }
        Ok(())
    }

    /// Everything in `value` that bears a name, where `started` have been started.
    fn names(&self, value: &Spanned<DeValue<'_>>, started: &HashSet<&str>) -> Result<(), CourseError> {
        let mut all = Vec::new();
        named(value, &mut all);
        for (named, at) in all {
            if let Some(message) = self.wrong_about(&named, started) {
                return Err(self.file.wrong_at(at, message));
            }
        }
        Ok(())
    }

    fn wrong_about(&self, named: &Named<'_>, started: &HashSet<&str>) -> Option<String> {
        let id = &self.scenario.id;
        let known = |name: &str| self.topics.iter().find(|topic| topic.name == name);
        match named {
            Named::Topic(name) => known(name).is_none().then(|| format!("the topic “{name}” is not in topics")),
            Named::Group(name) => {
                (!self.groups.iter().any(|group| group == name)).then(|| format!("the group “{name}” is not in groups"))
            }
            Named::Role(name) => {
                (!started.contains(name)).then(|| format!("“{name}” has not been started in scenario “{id}”"))
            }
            Named::Mark(name) => (!self.given().any(|input| input.marks.contains_key(*name)))
                .then(|| format!("no input of scenario “{id}” marks records as “{name}”")),
            Named::Pattern(pattern) => pattern.validate().err(),
            Named::Partition(number, topic) => {
                let of = topic.and_then(known).map(|topic| topic.partitions);
                let count = of.or_else(|| self.topics.iter().map(|topic| topic.partitions).max()).unwrap_or(0);
                let there = match (count, *topic) {
                    (1, Some(topic)) => format!("{topic} has only partition 0"),
                    (count, Some(topic)) => format!("{topic} has 0 to {}", count - 1),
                    (count, None) => format!("no topic has more than {count}, from 0"),
                };
                (!(0..i64::from(count)).contains(number)).then(|| format!("there is no partition {number}: {there}"))
            }
        }
    }
}

/// What is named somewhere in a file, or has to make sense there.
enum Named<'v> {
    Topic(&'v str),
    Group(&'v str),
    Role(&'v str),
    Mark(&'v str),
    Pattern(Pattern),
    /// Of this topic, where it is said of which.
    Partition(i64, Option<&'v str>),
}

/// Appends all names in `value`, each with the byte at which it stands.
fn named<'v>(value: &'v Spanned<DeValue<'_>>, all: &mut Vec<(Named<'v>, usize)>) {
    let table = match value.get_ref() {
        DeValue::Table(table) => table,
        DeValue::Array(values) => return values.iter().for_each(|value| named(value, all)),
        _ => return,
    };
    for (key, inner) in table.iter() {
        let mut put = |names: Vec<(&'v str, usize)>, named: fn(&'v str) -> Named<'v>| {
            all.extend(names.into_iter().map(|(name, at)| (named(name), at)));
        };
        match key.get_ref().as_ref() {
            "topic" | "from" => put(texts(inner), Named::Topic),
            "group" | "reset" => put(texts(inner), Named::Group),
            "role" | "kill" | "stop" | "restart" | "expire" | "ended" => put(texts(inner), Named::Role),
            "by" | "stages" => put(keys(inner), Named::Role),
            "groups" => {
                put(keys(inner), Named::Role);
                put(values(inner), Named::Group);
                put(texts(inner), Named::Group);
            }
            "mark" | "except" => put(texts(inner), Named::Mark),
            "event" => {
                let pattern = Pattern::deserialize(value.clone().into_deserializer());
                all.extend(pattern.ok().map(|pattern| (Named::Pattern(pattern), inner.span().start + 1)));
            }
            "partition" => {
                let number = inner.get_ref().as_integer();
                let number = number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
                let topic = table.get("topic").and_then(|topic| topic.get_ref().as_str());
                all.extend(number.map(|number| (Named::Partition(number, topic), inner.span().start)));
            }
            _ => named(inner, all),
        }
    }
}

/// A text, or those of a list.
fn texts<'v>(value: &'v Spanned<DeValue<'_>>) -> Vec<(&'v str, usize)> {
    match value.get_ref() {
        DeValue::String(text) => vec![(text, value.span().start + 1)],
        DeValue::Array(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The texts in a table.
fn values<'v>(value: &'v Spanned<DeValue<'_>>) -> Vec<(&'v str, usize)> {
    match value.get_ref() {
        DeValue::Table(table) => table.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The keys of a table, or of a list of them.
fn keys<'v>(value: &'v Spanned<DeValue<'_>>) -> Vec<(&'v str, usize)> {
    match value.get_ref() {
        DeValue::Table(table) => table.keys().map(|key| (key.get_ref().as_ref(), key.span().start)).collect(),
        DeValue::Array(values) => values.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}
