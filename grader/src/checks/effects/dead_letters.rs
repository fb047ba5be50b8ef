//! What could not be processed lies in the dead letter topic, complete, and nothing else does.

use super::labels::{self, Wrong, shown};
use super::origins::{Origins, bytes, wraps};
use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, some};
use crate::evidence::{Call, Commits, Evidence, Exit, Input, Stored, What};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetters {
    /// Where the records come from, and where the letters go.
    pub(super) from: String,
    pub(super) topic: String,
    /// The topic in which they wait in between, where there is one.
    via: Option<String>,
    /// What is tried, and the field that says what it is about.
    op: String,
    id: String,
    /// How often the last attempt was preceded by others, of a record that fails always: the header `retry_count`.
    retries: usize,
    /// A crash may put a letter there twice; it must not lose one.
    #[serde(default)]
    may_repeat: bool,
    /// Marks of records that belong there without any attempt.
    #[serde(default)]
    untried: Vec<String>,
    /// A header `error` for each failed attempt, and not only for the last.
    #[serde(default)]
    pub(super) history: bool,
    /// Headers that were for the way only, and need not be kept.
    #[serde(default)]
    pub(super) transient: Vec<String>,
}

/// A record that belongs into the dead letter topic.
struct Due<'i, 'e> {
    input: &'i Input<'e>,
    /// What `retry_count` has to say.
    retries: usize,
}

codes! {
    Missing = "missing" Lost,
    Waiting = "waiting" Stuck,
    AtItsEnd = "at-its-end" Lost,
    Healthy = "healthy" Wrong,
    Tried = "tried" Wrong,
    Repeated = "repeated" Duplicate,
    NoHeaders = "no-headers" Wrong,
    Origin = "origin" Wrong,
    Headers = "headers" Wrong,
    History = "history" Wrong,
    Key = "key" Wrong,
    Wrapped = "wrapped" Wrong,
    Value = "value" Wrong,
    OwnHeaders = "own-headers" Wrong,
}

impl Check for DeadLetters {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let inputs = evidence.inputs(&self.from);
        let due = self.due(evidence, &inputs);
        if due.is_empty() {
            return Outcome::NoEvidence("every record could be processed, so there was nothing to set aside".into());
        }
        let letters = evidence.stored(&self.topic);
        let (origins, ends) = (Origins::new(&inputs), Ends::new(evidence, self));
        let mut found: HashMap<usize, Vec<&Stored<'_>>> = HashMap::new();
        let mut strangers = Vec::new();
        for letter in &letters {
            match origins.input_of(letter.record) {
                Some(input) => found.entry(input.event).or_default().push(letter),
                None => strangers.push(letter),
            }
        }
        let mut findings = Gathered::default();
        for Due { input, retries } in &due {
            let Some(letters) = found.remove(&input.event) else {
                let code = match ends.commits.first_beyond(input.partition, input.offset) {
                    None => Code::Waiting,
                    Some(_) if self.waits_on_its_way(evidence, input) => Code::Waiting,
                    Some(_) if ends.cover(input) => Code::AtItsEnd,
                    Some(_) => Code::Missing,
                };
                let place = format!("{}[{}]@{}", self.from, input.partition, input.offset);
                findings.add(code, format!("{} at {place}", name_of(input, &self.id)), Some(input.event));
                continue;
            };
            if letters.len() > 1 && !self.may_repeat {
                findings.add(Code::Repeated, name_of(input, &self.id), Some(letters[1].event));
            }
            for letter in letters {
                self.compare(input, *retries, letter, &mut findings);
            }
        }
        for input in inputs.iter().filter(|input| self.is_untried(input)) {
            let Some(id) = input.value.as_ref().and_then(|value| field(value, &self.id)) else { continue };
            let about = |call: &&Call<'_>| field(call.args, &self.id).as_ref() == Some(&id);
            if let Some(call) = evidence.calls(&self.op).iter().find(about) {
                findings.add(Code::Tried, id, Some(call.event));
            }
        }
        for input in &inputs {
            if let Some(letters) = found.get(&input.event) {
                findings.add(Code::Healthy, name_of(input, &self.id), Some(letters[0].event));
            }
        }
        // Where letters are missing, one that nobody can place is most likely one of them, changed beyond recognition.
        for letter in strangers {
            let lacking = [Code::Missing, Code::Waiting, Code::AtItsEnd].into_iter().any(|code| findings.has(code));
            let code = if lacking { Code::Value } else { Code::Healthy };
            findings.add(code, "a letter that is no record of the topic".into(), Some(letter.event));
        }
        Outcome::unless_found(findings.findings(DeadLetters::finding), || {
            format!("{} in {}, complete, and nothing else", count(due.len(), "letter"), self.topic)
        })
    }
}

/// How the program's processes ended, and what had been committed by then.
struct Ends<'e> {
    /// In whichever group, and whatever was answered.
    commits: Commits,
    evidence: &'e Evidence,
    /// Of each role: its exits, and where it tried something.
    roles: HashMap<&'e str, Ended<'e>>,
}

#[derive(Default)]
struct Ended<'e> {
    exits: Vec<Exit<'e>>,
    calls: Vec<usize>,
}

impl<'e> Ends<'e> {
    fn new(evidence: &'e Evidence, check: &DeadLetters) -> Ends<'e> {
        let mut roles: HashMap<&str, Ended<'_>> = HashMap::new();
        for (_, event) in evidence.iter() {
            if let (Some(role), What::Exited { .. }) = (event.role.as_deref(), &event.what) {
                roles.entry(role).or_insert_with(|| Ended { exits: evidence.exits(role), calls: Vec::new() });
            }
        }
        for call in evidence.calls(&check.op) {
            if let Some(ended) = call.role.and_then(|role| roles.get_mut(role)) {
                ended.calls.push(call.event);
            }
        }
        Ends { commits: evidence.commits_asked_for(&check.from), evidence, roles }
    }

    /// Was the record's offset committed by a program that then ended by itself, without trying anything else? Who goes
    /// on has decided that it is done with; here it was the client that committed, while it was closed.
    fn cover(&self, input: &Input<'_>) -> bool {
        let Some(commit) = self.commits.first_beyond(input.partition, input.offset) else { return false };
        let role = self.evidence.events.get(commit.event).and_then(|event| event.role.as_deref());
        let Some(ended) = role.and_then(|role| self.roles.get(role)) else { return false };
        let after = |position: usize| position > commit.event;
        let end = ended.exits.get(ended.exits.partition_point(|exit| !after(exit.event)));
        let call = ended.calls.get(ended.calls.partition_point(|call| !after(*call)));
        end.is_some_and(|end| end.asked.is_none() && call.is_none_or(|call| *call > end.event))
    }
}

impl DeadLetters {
    /// Records that are not JSON, and those of which every attempt failed.
    fn due<'i, 'e>(&self, evidence: &Evidence, inputs: &'i [Input<'e>]) -> Vec<Due<'i, 'e>> {
        let mut worked: HashMap<String, bool> = HashMap::new();
        for call in evidence.calls(&self.op) {
            if let (Some(id), Some(answer)) = (field(call.args, &self.id), call.answer) {
                *worked.entry(id).or_default() |= answer.ok;
            }
        }
        let due = inputs.iter().filter_map(|input| {
            let retries = match &input.value {
                _ if input.poison || self.is_untried(input) => 0,
                Some(value) if worked.get(&field(value, &self.id)?) == Some(&false) => self.retries,
                _ => return None,
            };
            Some(Due { input, retries })
        });
        due.collect()
    }

    fn is_untried(&self, input: &Input<'_>) -> bool {
        input.mark.is_some_and(|mark| self.untried.iter().any(|untried| untried == mark))
    }

    /// Does the record lie in the topic in between, not yet committed there?
    fn waits_on_its_way(&self, evidence: &Evidence, input: &Input<'_>) -> bool {
        let Some(via) = &self.via else { return false };
        let (contents, commits) = (evidence.contents(via), evidence.commits_asked_for(via));
        let same = |record: &&Input<'_>| bytes(record.data) == bytes(input.data);
        contents.iter().filter(same).any(|record| commits.first_beyond(record.partition, record.offset).is_none())
    }

    fn compare(&self, input: &Input<'_>, retries: usize, letter: &Stored<'_>, findings: &mut Gathered<Code>) {
        let (record, name) = (letter.record, name_of(input, &self.id));
        if record.key.as_ref() != input.key {
            let (seen, wanted) = (shown(record.key.as_ref()), shown(input.key));
            findings.add(Code::Key, format!("{name}: key {seen} instead of {wanted}"), Some(letter.event));
        }
        if wraps(record.value.as_ref(), input) {
            let seen = shown(record.value.as_ref());
            findings.add(Code::Wrapped, format!("{name}: its value is inside {seen}"), Some(letter.event));
        } else if bytes(record.value.as_ref()) != bytes(input.data) {
            let (seen, wanted) = (shown(record.value.as_ref()), shown(input.data));
            findings.add(Code::Value, format!("{name}: {seen} instead of {wanted}"), Some(letter.event));
        }
        for (wrong, words) in labels::wrong(self, input, retries, record) {
            let code = match wrong {
                Wrong::NoHeaders => Code::NoHeaders,
                Wrong::Origin => Code::Origin,
                Wrong::Headers => Code::Headers,
                Wrong::History => Code::History,
                Wrong::OwnHeaders => Code::OwnHeaders,
            };
            findings.add(code, format!("{name}: {words}"), Some(letter.event));
        }
    }
}

fn name_of(input: &Input<'_>, id: &str) -> String {
    match input.value.as_ref().and_then(|value| field(value, id)) {
        Some(id) => id,
        None => format!("the malformed record at partition {} offset {}", input.partition, input.offset),
    }
}

impl DeadLetters {
    fn finding(code: Code, Seen { words, events }: Seen) -> Finding<Code> {
        let required = match code {
            Code::Missing | Code::Waiting | Code::AtItsEnd => {
                "every record that cannot be processed is in the dead letter topic"
            }
            Code::Healthy => "only what cannot be processed is in the dead letter topic",
            Code::Repeated => "each letter once",
            Code::Tried => "what nobody can say how to try is not tried",
            Code::History => "a header `error` for each attempt that failed, in order",
            Code::NoHeaders | Code::Origin | Code::Headers => {
                "headers that say, as text, where it came from, why, and how often it was tried again"
            }
            Code::Key => "the key that it came with",
            Code::Value | Code::Wrapped => "the value that it came with, byte for byte",
            _ => "the headers that it came with as well: all of them, in order",
        };
        let seen = match code {
            Code::Missing => format!("not there, and committed: {}", some(&words)),
            Code::Waiting => format!("not there, and not committed either: {}", some(&words)),
            Code::AtItsEnd => format!("not there, and committed when the program ended: {}", some(&words)),
            Code::NoHeaders => format!("without any of them: {}", some(&words)),
            Code::Tried => format!("tried: {}", some(&words)),
            _ => some(&words),
        };
        Finding::new(code, required, seen, events)
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use crate::wire::{Batch, Data, Record};
    use serde_json::json;

    fn check(may_repeat: bool) -> serde_json::Value {
        json!({"dead-letters": {"from": "t", "topic": "dlq", "op": "ship", "id": "id", "retries": 2, "may_repeat": may_repeat}})
    }

    /// Two records, of which the second can never be shipped.
    fn refused() -> Recording {
        let input = Recording::default().started().input(0, json!({"id": 1})).input(0, json!({"id": 2}));
        input.call("ship", json!({"id": 1})).refused("ship", json!({"id": 2}))
    }

    /// The letter about the second one, as it should be, but for these changes.
    fn letter(change: impl Fn(&mut Record)) -> Vec<Batch> {
        let mut record = record("k", &json!({"id": 2}));
        let headers = [
            ("original_topic", "t-1"),
            ("original_partition", "0"),
            ("original_offset", "1"),
            ("error", "no"),
            ("retry_count", "2"),
        ];
        record.headers = headers.map(|(name, value)| (name.to_owned(), Some(Data::from(value)))).to_vec();
        change(&mut record);
        vec![Batch { topic: "dlq".into(), ..batch(0, vec![record]) }]
    }

    #[test]
    fn a_letter_is_complete() {
        let judged = |change: fn(&mut Record)| refused().produce(letter(change)).judged(check(false));
        assert_eq!(judged(|_| {}), "passed");
        assert_eq!(judged(|letter| letter.key = None), "key");
        assert_eq!(judged(|letter| letter.value = Some("{\"id\": 2}".into())), "value");
        assert_eq!(judged(|letter| letter.headers.clear()), "no-headers");
        assert_eq!(judged(|letter| _ = letter.headers.pop()), "headers");
        assert_eq!(judged(|letter| letter.headers[2].1 = Some("7".into())), "origin");
    }

    #[test]
    fn a_letter_keeps_the_records_own_headers_and_more_may_be_there() {
        let input = Recording::default().input(0, json!({"id": 1})).call("ship", json!({"id": 1}));
        let input = input.input(0, json!({"id": 2})).headers(&[("trace", "1"), ("trace", "2")]);
        let refused = input.refused("ship", json!({"id": 2}));
        let with = |names: &'static [(&str, &str)]| {
            let headers = names.iter().map(|(name, value)| ((*name).to_owned(), Some(Data::from(*value))));
            refused.clone().produce(letter(|letter| letter.headers.extend(headers.clone()))).judged(check(false))
        };
        assert_eq!(with(&[("trace", "1"), ("another", "3"), ("trace", "2")]), "passed");
        assert_eq!(with(&[("trace", "1")]), "own-headers");
        assert_eq!(with(&[("trace", "2"), ("trace", "1")]), "own-headers");
    }

    #[test]
    fn only_what_cannot_be_processed_is_there_once() {
        assert_eq!(refused().judged(check(false)), "waiting");
        assert_eq!(refused().commit(&[(0, 2)]).judged(check(false)), "missing");
        assert_eq!(refused().commit(&[(0, 2)]).exited(Ended::Code(0)).judged(check(false)), "at-its-end");
        assert_eq!(refused().commit(&[(0, 2)]).stopping().exited(Ended::Code(0)).judged(check(false)), "missing");
        let twice = || refused().produce(letter(|_| {})).produce(letter(|_| {}));
        assert_eq!((twice().judged(check(false)), twice().judged(check(true))), ("repeated".into(), "passed".into()));
        let about =
            |id: u32| move |letter: &mut Record| letter.value = Some(json!({"id": id}).to_string().as_str().into());
        let healthy = refused().produce(letter(|_| {})).produce(letter(|letter| {
            about(1)(letter);
            letter.headers.clear();
        }));
        assert_eq!(healthy.judged(check(false)), "healthy");
        let fine = Recording::default().input(0, json!({"id": 1})).call("ship", json!({"id": 1}));
        assert_eq!(fine.judged(check(false)), "no evidence");
    }

    #[test]
    fn poison_is_set_aside_without_an_attempt() {
        let poison = Recording::default().poison(0);
        let sent = letter(|letter| {
            letter.value = Some("{".into());
            letter.headers[2].1 = Some("0".into());
            letter.headers[4].1 = Some("0".into());
        });
        assert_eq!(poison.produce(sent).judged(check(false)), "passed");
    }

    #[test]
    fn a_letter_that_wraps_its_record_is_named_so() {
        let input = || Recording::default().started().input(0, json!({"id": 2, "what": "something"}));
        let refused = || input().refused("ship", json!({"id": 2, "what": "something"}));
        let original = json!({"id": 2, "what": "something"});
        let judged = |value: String| {
            let sent = letter(|letter| {
                letter.value = Some(value.as_str().into());
                letter.headers[2].1 = Some("0".into());
            });
            refused().produce(sent).judged(check(false))
        };
        assert_eq!(judged(json!({"payload": original.to_string(), "error": "no"}).to_string()), "wrapped");
        assert_eq!(judged(json!({"error": {"of": original}}).to_string()), "wrapped");
        assert_eq!(judged(json!({"v": "eyJpZCI6Miwid2hhdCI6InNvbWV0aGluZyJ9"}).to_string()), "wrapped");
        assert_eq!(judged(format!("no: {original}")), "wrapped");
        assert_eq!(judged(json!({"what": "something", "id": 2}).to_string()), "value");
        assert_eq!(judged(original.to_string()), "passed");
    }

    #[test]
    fn a_history_is_complete_and_what_is_hopeless_is_not_tried() {
        let with = |change: serde_json::Value| {
            let mut check = check(false);
            check["dead-letters"].as_object_mut().expect("a check").extend(change.as_object().expect("fields").clone());
            check
        };
        let errors = |count: usize| {
            letter(|letter| {
                letter.headers.retain(|(name, _)| name != "error");
                letter.headers.extend((0..count).map(|_| ("error".to_owned(), Some(Data::from("no")))));
            })
        };
        let judged = |count| refused().produce(errors(count)).judged(with(json!({"history": true})));
        assert_eq!([judged(3), judged(1), judged(4)], ["passed", "history", "history"]);
        let untried = || with(json!({"untried": ["bad"]}));
        let input = || Recording::default().started().input(0, json!({"id": 1})).marked(0, json!({"id": 2}), "bad");
        let sent = || letter(|letter| letter.headers[4].1 = Some("0".into()));
        assert_eq!(input().produce(sent()).judged(untried()), "passed");
        assert_eq!(input().refused("ship", json!({"id": 2})).produce(sent()).judged(untried()), "tried");
    }

    #[test]
    fn what_waits_on_its_way_is_not_missing_yet_and_says_where_it_came_from() {
        let mut check = check(false);
        check["dead-letters"]["via"] = json!("between");
        let mut hop = letter(|_| {});
        hop[0].topic = "between".into();
        let waiting = || refused().produce(hop.clone()).commit(&[(0, 2)]);
        assert_eq!(waiting().judged(check.clone()), "waiting");
        assert_eq!(waiting().commit_in("between", &[(0, 1)]).judged(check.clone()), "missing");
        let came = Recording::default().started().input(0, json!({"id": 2})).headers(&[
            ("original_topic", "first"),
            ("original_partition", "4"),
            ("original_offset", "7"),
            ("label", "x"),
        ]);
        check["dead-letters"]["transient"] = json!(["label"]);
        let sent = |partition: &str| {
            let headers = [
                ("original_topic", "first"),
                ("original_partition", partition),
                ("original_offset", "7"),
                ("error", "no"),
                ("retry_count", "2"),
            ];
            let headers = headers.map(|(name, value)| (name.to_owned(), Some(Data::from(value)))).to_vec();
            letter(|letter| letter.headers = headers.clone())
        };
        let refused = || came.clone().refused("ship", json!({"id": 2}));
        assert_eq!(refused().produce(sent("4")).judged(check.clone()), "passed");
        assert_eq!(refused().produce(sent("0")).judged(check.clone()), "origin own-headers");
    }
}
