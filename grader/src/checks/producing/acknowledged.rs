//! A record that says something is in the topic, and the program was told so before it ended.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Ended, Evidence, Exit, Produce, What};
use crate::wire::{Produced, Request, Response, error_name};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    role: String,
    topic: String,
}

codes! {
    EndedFirst = "ended-first" Lost,
    Unacknowledged = "unacknowledged" Lost,
    Elsewhere = "elsewhere" Wrong,
    Empty = "empty" Wrong,
    Refused = "refused" Lost,
    Failed = "failed" Lost,
}

impl Check for Acknowledged {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let exits = evidence.exits(&self.role);
        let exit = exits.last().filter(|exit| !exit.gave_up);
        let produces = evidence.produces(&self.topic);
        let end = exit.map(|exit| exit.event);
        let taken = |produce: &&Produce<'_>| self.answer(produce, end).is_some_and(|answer| answer.error == 0);
        let required = || format!("a record in “{}”, acknowledged before the program ends", self.topic);
        let finding = |code, seen: String, events| Finding::new(code, required(), seen, events).outcome();
        let good = produces.iter().filter(|produce| taken(produce) && self.says_something(produce));
        if let Some(answer) = good.filter_map(|produce| self.answer(produce, end)).next() {
            let place = format!("partition {}, offset {}", answer.partition, answer.base_offset);
            return Outcome::Passed(format!("it lies in {place}, and the program knew before it ended"));
        }
        if let Some(produce) = produces.iter().find(taken) {
            return finding(Code::Empty, "the record has no value: it says nothing".into(), vec![produce.event]);
        }
        if let Some((produce, answer)) = produces.iter().rev().find_map(|sent| Some((sent, self.answer(sent, end)?))) {
            let seen = format!("Kafka refused it: {}", error_name(answer.error));
            return finding(Code::Refused, seen, vec![produce.event]);
        }
        if let Some((event, topic)) = self.elsewhere(evidence) {
            return finding(Code::Elsewhere, format!("it used another topic: “{topic}”"), vec![event]);
        }
        let Some(Exit { event, how, .. }) = exit else {
            return Outcome::NoEvidence(format!("{} did not end by itself", self.role));
        };
        let sent = produces.iter().rev().find(|produce| produce.records_for(&self.topic).next().is_some());
        match (how, sent) {
            (Ended::Code(0), Some(produce)) if produce.acks == 0 => {
                let seen = "acks=0: it asked Kafka not to answer".into();
                finding(Code::Unacknowledged, seen, vec![produce.event])
            }
            (Ended::Code(0), Some(produce)) => {
                let seen = "it ended before Kafka had answered its request".into();
                finding(Code::EndedFirst, seen, vec![produce.event, *event])
            }
            (Ended::Code(0), None) => {
                finding(Code::EndedFirst, "it ended before a record had left it".into(), vec![*event])
            }
            (Ended::Code(code), _) => {
                let seen = format!("it ended with status {code}, and nothing was acknowledged");
                finding(Code::Failed, seen, vec![*event])
            }
            (Ended::Signal(signal), _) => {
                let seen = format!("signal {signal} ended it, and nothing was acknowledged");
                finding(Code::Failed, seen, vec![*event])
            }
        }
    }
}

impl Acknowledged {
    /// What the broker answered about the request's records for the topic, where that was before the `end`.
    fn answer<'e>(&self, produce: &Produce<'e>, end: Option<usize>) -> Option<&'e Produced> {
        let answer = produce.answer.filter(|answer| end.is_none_or(|end| answer.event < end))?;
        let batch = produce.batches_for(&self.topic).find(|batch| !batch.records.is_empty())?;
        answer.partitions.iter().find(|told| told.topic == self.topic && told.partition == batch.partition)
    }

    /// Does it carry a record for the topic with a value in it?
    fn says_something(&self, produce: &Produce<'_>) -> bool {
        let mut values = produce.records_for(&self.topic).filter_map(|record| record.value.as_ref());
        values.any(|value| !value.as_bytes().is_empty())
    }

    /// Where a record went to another topic, or was about to: the event, and the topic's name.
    fn elsewhere<'e>(&self, evidence: &'e Evidence) -> Option<(usize, &'e str)> {
        let mut events = evidence.iter();
        events.find_map(|(at, event)| match &event.what {
            What::Request { body: Request::Produce { batches, .. }, .. } => {
                let batch = batches.iter().find(|batch| batch.topic != self.topic)?;
                Some((at, batch.topic.as_str()))
            }
            // Whoever wants to send asks first who leads the topic's partitions.
            What::Response { body: Response::Metadata { topics, .. }, .. } => {
                let other = topics.iter().find(|topic| topic.error != 0 && topic.name != self.topic)?;
                Some((at, other.name.as_str()))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::{Batch, Data, Record, Topic};
    use serde_json::{Value, json};

    fn check() -> Value {
        json!({"acknowledged": {"role": "a", "topic": "t"}})
    }

    fn hello() -> Vec<Batch> {
        vec![batch(0, vec![record("me", &json!("hello"))])]
    }

    #[test]
    fn the_acknowledgement_comes_before_the_end() {
        let sent = |acks| Recording::default().started().send(acks, hello());
        assert_eq!(sent(-1).acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed");
        assert_eq!(sent(-1).exited(Ended::Code(0)).acknowledge(0).judged(check()), "ended-first");
        assert_eq!(Recording::default().started().exited(Ended::Code(0)).judged(check()), "ended-first");
        assert_eq!(sent(0).exited(Ended::Code(0)).judged(check()), "unacknowledged");
        assert_eq!(sent(-1).refuse(10).exited(Ended::Code(0)).judged(check()), "refused");
        assert_eq!(sent(-1).exited(Ended::Code(1)).judged(check()), "failed");
        assert_eq!(sent(-1).exited(Ended::Signal(11)).judged(check()), "failed");
        assert_eq!(sent(-1).gave_up().exited(Ended::Signal(9)).judged(check()), "no evidence");
        let twice = sent(-1).refuse(19).send(-1, hello()).acknowledge(0);
        assert_eq!(twice.exited(Ended::Code(0)).judged(check()), "passed", "a client tries again");
    }

    #[test]
    fn the_record_says_something() {
        let sent = |value: Option<&str>| {
            let record = Record { value: value.map(Data::from), ..Record::default() };
            Recording::default().started().send(-1, vec![batch(0, vec![record])]).acknowledge(0)
        };
        assert_eq!(sent(None).exited(Ended::Code(0)).judged(check()), "empty");
        assert_eq!(sent(Some("")).exited(Ended::Code(0)).judged(check()), "empty");
    }

    #[test]
    fn another_topic_is_named() {
        let other: Vec<Batch> = hello().into_iter().map(|batch| Batch { topic: "u".into(), ..batch }).collect();
        let sent = Recording::default().started().send(-1, other).acknowledge(0).exited(Ended::Code(0));
        assert_eq!(sent.outcome(check()).0, "elsewhere");
        let unknown = |name: &str| Topic { name: name.into(), id: None, error: 3, partitions: Vec::new() };
        let asked = |name: &str| {
            let asked = Recording::default().started().request(Request::Metadata { topics: None });
            let answer = Response::Metadata { brokers: Vec::new(), topics: vec![unknown(name)] };
            asked.response(answer).gave_up().exited(Ended::Signal(9))
        };
        assert_eq!(asked("u").judged(check()), "elsewhere");
        assert_eq!(asked("t").judged(check()), "no evidence");
    }
}
