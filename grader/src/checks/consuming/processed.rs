//! Every record of the input was handed to the outside world, as it was.

use crate::checks::{Check, Finding, Outcome, codes, count, field, same, some};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processed {
    topic: String,
    op: String,
    id: String,
    /// By its processes alone, where there are others that do the same.
    role: Option<String>,
    /// Nothing happens that would excuse a repetition.
    #[serde(default)]
    once: bool,
    /// Marks of records that cannot be processed, because the outside world always says no.
    #[serde(default)]
    except: Vec<String>,
}

codes! {
    Missing = "missing" Lost,
    Altered = "altered" Wrong,
    Foreign = "foreign" Wrong,
    Twice = "twice" Duplicate,
    FromEnd = "from-end" Lost,
    NeverAsked = "never-asked" Lost,
}

impl Check for Processed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let inputs = evidence.inputs(&self.topic);
        let wanted: HashMap<String, (usize, &serde_json::Value)> = inputs
            .iter()
            .filter_map(|input| Some((input.value.as_ref()?, input.event)))
            .filter_map(|(value, event)| Some((field(value, &self.id)?, (event, value))))
            .collect();
        if wanted.is_empty() {
            return Outcome::NoEvidence(format!("nothing was put into “{}”", self.topic));
        }
        let mut done = HashSet::new();
        let name = self.op.trim_end_matches("[]");
        let required = format!("a call “{name}” with each of the {} as it came", count(wanted.len(), "record"));
        let calls = evidence.calls_by(self.role.as_deref(), &self.op);
        for call in &calls {
            let id = field(call.args, &self.id).unwrap_or_default();
            let finding = |code, seen| Finding::new(code, &required, seen, vec![call.event]).outcome();
            match wanted.get(&id) {
                None => return finding(Code::Foreign, format!("a call with {}, which is not in the topic", call.args)),
                Some((_, value)) if !same(value, call.args) => {
                    return finding(Code::Altered, format!("{id} was handed on with other contents"));
                }
                Some(_) => {
                    if call.done().is_some() && !done.insert(id.clone()) && self.once {
                        return finding(
                            Code::Twice,
                            format!("{id} was processed twice, although nothing had gone wrong"),
                        );
                    }
                }
            }
        }
        let excepted = |input: &&crate::evidence::Input<'_>| {
            input.mark.is_some_and(|mark| self.except.iter().any(|except| except == mark))
        };
        let excepted = inputs.iter().filter(excepted).filter_map(|input| field(input.value.as_ref()?, &self.id));
        done.extend(excepted);
        let mut missing: Vec<&String> = wanted.keys().filter(|id| !done.contains(*id)).collect();
        missing.sort();
        if missing.is_empty() {
            return Outcome::Passed(format!("all {} were processed", count(wanted.len(), "record")));
        }
        if let Some(event) = from_end(evidence, &self.topic).filter(|_| calls.is_empty()) {
            let seen = format!(
                "it began to read after the {} that were already there, and read none of them",
                count(wanted.len(), "record")
            );
            return Finding::new(Code::FromEnd, required, seen, vec![event]).outcome();
        }
        if calls.is_empty() && !asks(evidence, &self.topic) {
            let seen = format!("no request of it ever asked for a record of {}", self.topic);
            return Finding::new(Code::NeverAsked, required, seen, vec![]).outcome();
        }
        let events = missing.iter().filter_map(|id| wanted.get(*id)).map(|(event, _)| *event).take(3).collect();
        let seen = format!("{} never processed: {}", count(missing.len(), "record"), some(&missing));
        Finding::new(Code::Missing, required, seen, events).outcome()
    }
}

/// Was anybody's Fetch for this topic?
fn asks(evidence: &Evidence, topic: &str) -> bool {
    evidence.iter().any(|(_, event)| match &event.what {
        What::Request { body: Request::Fetch { partitions, .. }, .. } => {
            partitions.iter().any(|from| from.topic == topic)
        }
        _ => false,
    })
}

/// Where the topic was first asked for, if that was behind all that it held, and so for each partition, ever since.
pub(in crate::checks) fn from_end(evidence: &Evidence, topic: &str) -> Option<usize> {
    let mut ends: HashMap<i32, i64> = HashMap::new();
    let mut first = None;
    for (at, event) in evidence.iter() {
        match &event.what {
            What::Input { topic: of, partition, offset, .. } if of == topic => {
                let end = ends.entry(*partition).or_default();
                *end = (*end).max(offset.saturating_add(1));
            }
            What::Request { body: Request::Fetch { partitions, .. }, .. } => {
                for from in partitions.iter().filter(|from| from.topic == topic) {
                    let Some(end) = ends.get(&from.partition) else { continue };
                    if from.offset < *end {
                        return None;
                    }
                    first = first.or(Some(at));
                }
            }
            _ => {}
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    fn check(once: bool) -> serde_json::Value {
        json!({"processed": {"topic": "t", "op": "process", "id": "id", "once": once, "except": ["never"]}})
    }

    #[test]
    fn each_record_is_handed_on_as_it_came() {
        let value = |id: u32| json!({"id": id, "price": 12});
        let first = || Recording::default().input(0, value(1)).input(0, value(2)).call("process", value(1));
        assert_eq!(first().call("process", json!({"price": 12.0, "id": 2})).judged(check(true)), "passed");
        assert_eq!(first().judged(check(true)), "missing");
        assert_eq!(first().refused("process", value(2)).judged(check(true)), "missing");
        assert_eq!(first().call("process", json!({"id": 2})).judged(check(true)), "altered");
        assert_eq!(first().call("process", value(3)).judged(check(true)), "foreign");
        let again = || first().call("process", value(1)).call("process", value(2));
        assert_eq!((again().judged(check(true)), again().judged(check(false))), ("twice".into(), "passed".into()));
        assert_eq!(Recording::default().judged(check(true)), "no evidence");
    }

    #[test]
    fn a_marked_record_may_be_left_out_and_reading_from_the_end_is_told_apart() {
        let marked = |mark: &str| Recording::default().marked(0, json!({"id": 1}), mark).judged(check(true));
        assert_eq!((marked("never"), marked("other")), ("passed".into(), "never-asked".into()));
        let input = || Recording::default().input(0, json!({"id": 1}));
        assert_eq!(input().fetch(0, 1).judged(check(true)), "from-end");
        assert_eq!(input().fetch(0, 0).judged(check(true)), "missing");
    }
}
