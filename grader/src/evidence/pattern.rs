//! The one pattern language: waits, rules, the moments of a drill and the transcripts of pages select events with it.

use super::Event;
use super::kind::{KINDS, Kind, Listener, Place};
use crate::wire::Record;
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
    /// Of a request that ends a transaction: does it commit, or abort?
    pub commit: Option<bool>,
}

impl Pattern {
    /// Every event that is called so.
    pub fn of_kind(event: &str) -> Pattern {
        Pattern {
            event: event.to_owned(),
            role: None,
            topic: None,
            partition: None,
            group: None,
            op: None,
            error: None,
            ok: None,
            records: None,
            key: None,
            mark: None,
            commit: None,
        }
    }

    /// Is there such an event at all, and can it have what is asked for?
    ///
    /// # Errors
    /// What is allowed instead.
    pub fn validate(&self) -> Result<(), String> {
        let Some(kind) = Kind::named(&self.event) else { return Err(self.no_such_event()) };
        let asked = [
            ("role", self.role.is_some()),
            ("topic", self.topic.is_some()),
            ("partition", self.partition.is_some()),
            ("group", self.group.is_some()),
            ("op", self.op.is_some()),
            ("error", self.error.is_some()),
            ("ok", self.ok.is_some()),
            ("records", self.records.is_some()),
            ("key", self.key.is_some()),
            ("mark", self.mark.is_some()),
            ("commit", self.commit.is_some()),
        ];
        let fields = kind.fields();
        match asked.iter().find(|(field, asked)| *asked && !fields.contains(field)) {
            Some((field, _)) => Err(format!("the event “{}” has no `{field}`, so this would never fit", kind.name)),
            None => Ok(()),
        }
    }

    fn no_such_event(&self) -> String {
        let others: Vec<&str> = KINDS.iter().map(|kind| kind.name).filter(|name| !name.contains('.')).collect();
        let wire: Vec<&str> = KINDS.iter().filter_map(|kind| kind.name.strip_suffix(".request")).collect();
        format!(
            "there is no event “{}”; there are {}, and NAME.request and NAME.response with {}",
            self.event,
            others.join(", "),
            wire.join(", ")
        )
    }

    /// Does `event` fit? One that is about several partitions fits when one of them does.
    pub fn matches(&self, event: &Event) -> bool {
        if self.event != event.kind() || self.role.as_ref().is_some_and(|role| event.role.as_ref() != Some(role)) {
            return false;
        }
        let mut search = Search::new(self);
        event.tell(&mut search);
        search.found_all()
    }
}

/// Looks for what a pattern asks for in what an event says; each field is true once it has been found, or from the
/// beginning where it is not asked for.
struct Search<'p> {
    pattern: &'p Pattern,
    place: bool,
    group: bool,
    op: bool,
    error: bool,
    ok: bool,
    records: bool,
    key: bool,
    mark: bool,
    commit: bool,
}

impl<'p> Search<'p> {
    fn new(pattern: &'p Pattern) -> Search<'p> {
        Search {
            place: pattern.topic.is_none() && pattern.partition.is_none(),
            group: pattern.group.is_none(),
            op: pattern.op.is_none(),
            error: pattern.error.is_none(),
            ok: pattern.ok.is_none(),
            records: pattern.records.is_none(),
            key: pattern.key.is_none(),
            mark: pattern.mark.is_none(),
            commit: pattern.commit.is_none(),
            pattern,
        }
    }

    fn found_all(&self) -> bool {
        let about = self.place && self.group && self.op && self.key && self.mark;
        about && self.error && self.ok && self.records && self.commit
    }
}

impl Listener for Search<'_> {
    fn place(&mut self, place: &impl Place) {
        self.place |= self.pattern.topic.as_ref().is_none_or(|topic| topic == place.topic())
            && self.pattern.partition.is_none_or(|partition| partition == place.partition());
    }

    fn group(&mut self, group: &str) {
        self.group |= self.pattern.group.as_deref() == Some(group);
    }

    fn op(&mut self, op: &str) {
        self.op |= self.pattern.op.as_deref() == Some(op);
    }

    fn error(&mut self, error: i16) {
        self.error |= self.pattern.error == Some(error);
    }

    fn ok(&mut self, ok: bool) {
        self.ok |= self.pattern.ok == Some(ok);
    }

    fn records(&mut self, records: bool) {
        self.records |= self.pattern.records == Some(records);
    }

    fn record(&mut self, record: &Record) {
        let key = || record.key.as_ref().map(|key| key.as_bytes());
        self.key = self.key || self.pattern.key.as_ref().map(String::as_bytes) == key();
    }

    fn mark(&mut self, mark: &str) {
        self.mark |= self.pattern.mark.as_deref() == Some(mark);
    }

    fn commit(&mut self, commit: bool) {
        self.commit |= self.pattern.commit == Some(commit);
    }
}
