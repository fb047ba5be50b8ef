//! Scripted faults: which event is struck, and what happens to it.

use super::pattern::{About, Pattern};
use super::{Event, What, canonical};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A scripted fault: what strikes, when. It acts after the event is recorded and before it goes on, so the moment
/// is the same on every broker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub on: Pattern,
    /// Which of the events that fit.
    #[serde(default)]
    pub when: Occurrence,
    /// Count apart for each value of this field.
    pub per: Option<Per>,
    #[serde(rename = "do")]
    pub action: Action,
}

/// Which of the events that fit a rule's pattern are struck: `"every"`, `{ nth = 3 }`, `{ first = 6 }`, `{ from = 6 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Occurrence {
    /// Each time.
    #[default]
    Every,
    /// The nth time, from 1.
    Nth(u32),
    /// The first n times.
    First(u32),
    /// The nth time and each time after it.
    From(u32),
}

impl Occurrence {
    fn includes(self, count: u32) -> bool {
        match self {
            Occurrence::Every => true,
            Occurrence::Nth(n) => count == n,
            Occurrence::First(n) => count <= n,
            Occurrence::From(n) => count >= n,
        }
    }
}

/// For which field's values a rule counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Of batches with sequence numbers, only the tries of a partition's first batch count.
    Partition,
    /// Whose process it is.
    Role,
    /// Calls of the same op with the same arguments: `first = 2` fails each order twice.
    Args,
}

/// What a rule does to the event that it strikes; [`Rule::validate`] says to which events each can be done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Drop a response or an answer and cut the connection: it was done, and the program does not know.
    Lose,
    /// Cut the connection before the event goes on.
    Cut,
    /// Answer this Kafka error code in the broker's place, which never sees the request.
    Refuse(i16),
    /// Keep the frame back until an event fits `until` (from now on; with `count`, until so many have since the
    /// beginning), at most `ms` milliseconds. What the wait is for is in the
    /// scenario; the limit only keeps a right program from waiting for what it will rightly never do.
    Hold { until: Pattern, count: Option<usize>, ms: u64 },
    /// Everything that fits takes so many milliseconds longer: a slow network, a slow outside world.
    Delay(u64),
    /// The outside world refuses with this text.
    Fail(String),
    /// SIGKILL the role before the event goes on.
    Kill(String),
    /// SIGTERM the role before the event goes on.
    Stop(String),
}

/// How a rule ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM: it may end in good order.
    Asked,
    /// SIGKILL.
    Killed,
}

impl Rule {
    /// Can this action be taken on this event?
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), String> {
        self.on.validate()?;
        let event = self.on.event.as_str();
        let (request, response) = (event.ends_with(".request"), event.ends_with(".response"));
        let passes = request || response || event == "call" || event == "answer";
        let anything = "a request, a response, a call or an answer";
        if self.per == Some(Per::Args) && event != "call" {
            return Err(format!("per = \"args\" needs a call, and “{event}” is none"));
        }
        let (fits, allowed) = match &self.action {
            Action::Lose => (response || event == "answer", "a response or an answer"),
            Action::Refuse(_) => (request, "a request"),
            Action::Cut => (request || response, "a request or a response"),
            Action::Fail(_) => (event == "call", "a call"),
            Action::Hold { until, .. } => {
                until.validate()?;
                (passes, anything)
            }
            Action::Delay(_) => (passes, anything),
            Action::Kill(_) | Action::Stop(_) => (true, "any event"),
        };
        if fits { Ok(()) } else { Err(format!("this action needs {allowed}, and “{event}” is none")) }
    }
}

impl Action {
    /// Whose process it ends, and how, where it ends one.
    pub(super) fn ends(&self) -> Option<(&str, Ending)> {
        match self {
            Action::Stop(role) => Some((role, Ending::Asked)),
            Action::Kill(role) => Some((role, Ending::Killed)),
            _ => None,
        }
    }

    /// In words, for the timeline.
    pub fn told(&self) -> String {
        match self {
            Action::Lose => "this answer was lost on its way, and the connection cut".into(),
            Action::Cut => "the connection was cut here".into(),
            Action::Refuse(code) => format!("refused with {}", crate::wire::error_name(*code)),
            Action::Hold { .. } => "held back for a moment".into(),
            Action::Delay(ms) => format!("made to take {ms} ms longer"),
            Action::Fail(text) => format!("the outside world failed: {text}"),
            Action::Kill(role) => format!("{role} was killed at this very moment"),
            Action::Stop(role) => format!("{role} was asked to stop at this very moment"),
        }
    }
}

/// A rule and how often it has fitted.
#[derive(Debug)]
pub(super) struct Armed {
    rule: Rule,
    counts: BTreeMap<String, u32>,
    /// Per partition, the sequence number of the first batch that fitted: an outage ends when *that* batch has been
    /// tried often enough. Else later batches in flight would use up its tries, one of them would get through before
    /// it, and no broker does such a thing.
    first: BTreeMap<String, i32>,
}

impl Armed {
    pub(super) fn new(rule: Rule) -> Armed {
        Armed { rule, counts: BTreeMap::new(), first: BTreeMap::new() }
    }

    pub(super) fn on(&self) -> &Pattern {
        &self.rule.on
    }

    /// Does it kill or stop `role`?
    pub(super) fn ends(&self, role: &str) -> bool {
        self.rule.action.ends().is_some_and(|(of, _)| of == role)
    }

    /// The action to take on this event, if any.
    pub(super) fn strikes(&mut self, event: &Event) -> Option<Action> {
        if !self.rule.on.matches(event) {
            return None;
        }
        let keys = match self.rule.per {
            None => vec![(String::new(), None)],
            Some(Per::Role) => vec![(event.role.clone().unwrap_or_default(), None)],
            Some(Per::Partition) => partitions(event),
            Some(Per::Args) => match &event.what {
                What::Call { op, args, .. } => vec![(format!("{op} {}", canonical(args)), None)],
                _ => Vec::new(),
            },
        };
        let mut strikes = false;
        for (key, sequence) in keys {
            let first = sequence.is_none_or(|sequence| *self.first.entry(key.clone()).or_insert(sequence) == sequence);
            let count = self.counts.entry(key).or_default();
            *count += u32::from(first);
            strikes |= self.rule.when.includes(*count);
        }
        strikes.then(|| self.rule.action.clone())
    }
}

/// The partitions that the event is about; of a batch with a sequence number, that too.
fn partitions(event: &Event) -> Vec<(String, Option<i32>)> {
    if let What::Request { body: crate::wire::Request::Produce { batches, .. }, .. } = &event.what {
        let sequence = |batch: &crate::wire::Batch| (batch.producer_id >= 0).then_some(batch.base_sequence);
        return batches.iter().map(|batch| (batch.partition.to_string(), sequence(batch))).collect();
    }
    About::of(event).partitions.iter().map(|partition| (partition.to_string(), None)).collect()
}
