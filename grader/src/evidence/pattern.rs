//! The one pattern language: waits, rules, the moments of a drill and the transcripts of pages select events with it.

use super::{Event, What};
use serde::Deserialize;

/// Selects events by kind and fields; a field that is not given matches anything.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// `produce.request`, `offset_commit.response`, `call`, `answer`, `exited`…
    pub event: String,
    pub role: Option<String>,
    pub topic: Option<String>,
    pub partition: Option<i32>,
    pub group: Option<String>,
    pub op: Option<String>,
    /// Of a response: the Kafka error code, 0 for none; a request has none.
    pub error: Option<i16>,
    /// Of an answer of the outside world.
    pub ok: Option<bool>,
    /// Of a Fetch answer: does it carry records?
    pub records: Option<bool>,
    /// Of a Produce request: one of its records has this key.
    pub key: Option<String>,
    /// Of a call, its answer, or a record of the input: one of the records that the scenario's input marks so.
    pub mark: Option<String>,
}

/// Events that are not requests or responses.
const KINDS: [&str; 19] = [
    "given",
    "input",
    "started",
    "output",
    "panicked",
    "stopping",
    "killed",
    "exited",
    "connected",
    "disconnected",
    "undecoded",
    "call",
    "answer",
    "fault",
    "expired",
    "reset",
    "collected",
    "crash",
    "gave-up",
];

impl Pattern {
    /// Is there such an event at all, and has it what is asked for?
    ///
    /// # Errors
    /// What is allowed instead.
    pub fn validate(&self) -> Result<(), String> {
        let event = self.event.as_str();
        let wire = event.strip_suffix(".request").or_else(|| event.strip_suffix(".response"));
        if !KINDS.contains(&event) && !wire.is_some_and(|name| crate::wire::NAMES.contains(&name)) {
            return Err(format!(
                "there is no event “{event}”; there are {}, and NAME.request and NAME.response with {}",
                KINDS.join(", "),
                crate::wire::NAMES.join(", ")
            ));
        }
        let fits = [
            ("op", self.op.is_some(), matches!(event, "call" | "answer")),
            ("error", self.error.is_some(), event.ends_with(".response")),
            ("ok", self.ok.is_some(), event == "answer"),
            ("records", self.records.is_some(), event == "fetch.response"),
            ("key", self.key.is_some(), event == "produce.request"),
            ("mark", self.mark.is_some(), matches!(event, "input" | "call" | "answer")),
        ];
        match fits.iter().find(|(_, given, has)| *given && !has) {
            Some((field, ..)) => Err(format!("the event “{event}” has no `{field}`, so this would never fit")),
            None => Ok(()),
        }
    }

    /// Does `event` fit? A request for several partitions fits when one of them does.
    pub fn matches(&self, event: &Event) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, found: &[T]) -> bool {
            wanted.as_ref().is_none_or(|wanted| found.contains(wanted))
        }
        let about = About::of(event);
        self.event == event.kind()
            && self.role.as_ref().is_none_or(|role| event.role.as_ref() == Some(role))
            && is(&self.topic, &about.topics)
            && is(&self.partition, &about.partitions)
            && is(&self.group, &about.groups)
            && is(&self.op, &about.ops)
            && is(&self.error, &about.errors)
            && is(&self.ok, &about.ok)
            && is(&self.records, &about.records)
            && is(&self.mark, &about.marks)
            && self.key.as_ref().is_none_or(|key| carries(event, key))
    }
}

/// Does the event bring the broker a record with this key?
fn carries(event: &Event, key: &str) -> bool {
    let What::Request { body: crate::wire::Request::Produce { batches, .. }, .. } = &event.what else { return false };
    let mut records = batches.iter().flat_map(|batch| &batch.records);
    records.any(|record| record.key.as_ref().is_some_and(|found| found.as_bytes() == key.as_bytes()))
}

/// The fields of an event that a pattern can ask for.
#[derive(Default)]
pub(super) struct About {
    topics: Vec<String>,
    pub(super) partitions: Vec<i32>,
    groups: Vec<String>,
    ops: Vec<String>,
    errors: Vec<i16>,
    ok: Vec<bool>,
    records: Vec<bool>,
    marks: Vec<String>,
}

impl About {
    pub(super) fn of(event: &Event) -> About {
        use crate::wire::{Request, Response};
        let mut about = About::default();
        match &event.what {
            What::Input { topic, partition, mark, .. } => {
                about.place(topic, *partition);
                about.marks.extend(mark.clone());
            }
            What::Call { op, mark, .. } => {
                about.ops.push(op.clone());
                about.marks.extend(mark.clone());
            }
            What::Answer { op, ok, mark, .. } => {
                about.ops.push(op.clone());
                about.ok.push(*ok);
                about.marks.extend(mark.clone());
            }
            What::Expired { group, .. } | What::Reset { group } => about.groups.push(group.clone()),
            What::Request { body, .. } => {
                about.groups.extend(body.group().map(str::to_owned));
                match body {
                    Request::Produce { batches, .. } => {
                        batches.iter().for_each(|batch| about.place(&batch.topic, batch.partition));
                    }
                    Request::Fetch { partitions, .. } => {
                        partitions.iter().for_each(|from| about.place(&from.topic, from.partition));
                    }
                    Request::OffsetCommit { offsets, .. } => {
                        offsets.iter().for_each(|offset| about.place(&offset.topic, offset.partition));
                    }
                    _ => {}
                }
            }
            What::Response { body, .. } => match body {
                Response::Produce { partitions, .. } => {
                    for answer in partitions {
                        about.place(&answer.topic, answer.partition);
                        about.errors.push(answer.error);
                    }
                }
                Response::Fetch { partitions, .. } => {
                    for answer in partitions {
                        about.place(&answer.topic, answer.partition);
                        about.errors.push(answer.error);
                    }
                    about.records.push(partitions.iter().any(|answer| answer.count > 0));
                }
                Response::OffsetCommit { partitions, .. } => {
                    for answer in partitions {
                        about.place(&answer.topic, answer.partition);
                        about.errors.push(answer.error);
                    }
                }
                Response::SyncGroup { error, partitions } => {
                    partitions.iter().for_each(|place| about.place(&place.topic, place.partition));
                    about.errors.push(*error);
                }
                other => about.errors.push(other.error()),
            },
            _ => {}
        }
        about
    }

    fn place(&mut self, topic: &str, partition: i32) {
        self.topics.push(topic.to_owned());
        self.partitions.push(partition);
    }
}
