//! The program says what became of each record, in time, and it is true.

use super::fate::{Fate, fates, id_of};
use super::retried::is_retriable;
use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, given, some};
use crate::evidence::{Call, Evidence, What};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    role: String,
    topic: String,
    /// The call that says it, one for each record: `{"<id>": …, "outcome": "acknowledged"}`, or `"failed"`, or `"unknown"`.
    op: String,
    id: String,
    /// So many milliseconds after the record was first sent it is late: what the contract allows, several times over.
    late_ms: u64,
}

/// A request that set out before the word was said has come by then.
const ON_ITS_WAY_MS: u64 = 300;

/// Kafka's error code for a record that is refused for good.
const INVALID_RECORD: i16 = 87;

codes! {
    // It was never acknowledged, and said to be.
    FalseSuccess = "false-success" Lost,
    // No word about any record.
    None = "none" Wrong,
    // It ended, and there is no word about some.
    Missing = "missing" Wrong,
    // Said before the broker had answered.
    Early = "early" Wrong,
    // Said to have failed, and it is in the log: whoever pays again pays twice.
    FalseFailure = "false-failure" Wrong,
    // Said to be unknown, where the broker had refused it for good.
    Doubt = "doubt" Wrong,
    // Said to be unknown, where the broker had acknowledged it.
    Unheard = "unheard" Wrong,
    // Sent once more after the broker had refused it for good.
    Resent = "resent" Duplicate,
    Contradicted = "contradicted" Wrong,
    // Sent once more when its last word had long been said.
    StillSent = "still-sent" Wrong,
    // None of the three words, or about no record that was given.
    NoWord = "no-word" Wrong,
    Late = "late" Stuck,
}

/// What a program can say of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Acknowledged,
    Failed,
    Unknown,
}

impl Word {
    fn of(call: &Call<'_>) -> Option<Word> {
        match call.args.get("outcome")?.as_str()? {
            "acknowledged" => Some(Word::Acknowledged),
            "failed" => Some(Word::Failed),
            "unknown" => Some(Word::Unknown),
            _ => None,
        }
    }
}

impl Check for Outcomes {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given = given(evidence, &self.id);
        if given.is_empty() {
            return Outcome::NoEvidence("the program was given nothing to send".into());
        }
        let Some((_, log)) = evidence.log(&self.topic) else {
            return Outcome::NoEvidence(format!(
                "it did not come to the point where the log of “{}” is read",
                self.topic
            ));
        };
        let values = log.iter().filter_map(|(_, found)| found.value.as_ref()?.json());
        let logged: HashSet<String> = values.filter_map(|value| field(&value, &self.id)).collect();
        let calls = evidence.calls(&self.op);
        if calls.is_empty() {
            let (required, seen) = (format!("a call “{}” for each record", self.op), "no such call");
            return Finding::new(Code::None, required, seen, vec![]).outcome();
        }
        let (mut gathered, mut said) = (Gathered::default(), BTreeMap::<String, (Word, usize)>::new());
        for call in &calls {
            let id = field(call.args, &self.id).filter(|id| given.contains_key(id));
            let Some((id, word)) = id.zip(Word::of(call)) else {
                gathered.add(Code::NoWord, call.args.to_string(), Some(call.event));
                continue;
            };
            match said.get(&id) {
                Some(_) => gathered.add(Code::Contradicted, id, Some(call.event)),
                None => _ = said.insert(id, (word, call.event)),
            }
        }
        let fates = fates(evidence, &self.topic, &self.id, usize::MAX);
        // An answer that was struck by a fault may have been lost on its way.
        let struck: HashSet<usize> = evidence
            .iter()
            .filter_map(|(_, event)| match &event.what {
                What::Fault { on, .. } => Some(*on),
                _ => None,
            })
            .collect();
        for (id, (word, event)) in &said {
            let fate = fates.get(id);
            let lost = matches!(fate, Some(Fate::Taken(at)) if struck.contains(at));
            match untrue(*word, *event, fate, logged.contains(id)) {
                Some(Code::Unheard) if lost => {}
                Some(code) => gathered.add(code, id.clone(), Some(*event)),
                None => {}
            }
        }
        self.late(evidence, &said, &mut gathered);
        self.resent(evidence, &mut gathered);
        self.still_sent(evidence, &said, &mut gathered);
        let ended = evidence.exits(&self.role).last().map(|exit| exit.event);
        let mut unsaid: Vec<&String> = given.keys().filter(|id| !said.contains_key(*id)).collect();
        unsaid.sort();
        unsaid.into_iter().for_each(|id| gathered.add(Code::Missing, id.clone(), ended));
        Outcome::unless_found(gathered.findings(finding), || {
            let many = |word| said.values().filter(|(said, _)| *said == word).count();
            let [acknowledged, failed, unknown] = [Word::Acknowledged, Word::Failed, Word::Unknown].map(many);
            format!("{acknowledged} acknowledged, {failed} failed, {unknown} unknown: as on the wire and in the log")
        })
    }
}

/// What is untrue of a word that was said at `event`, given the record's last fate and whether it is in the log at the end.
fn untrue(word: Word, event: usize, fate: Option<&Fate>, logged: bool) -> Option<Code> {
    match (word, fate) {
        (Word::Acknowledged, Some(Fate::Taken(at))) => (*at > event).then_some(Code::Early),
        (Word::Acknowledged, _) => Some(Code::FalseSuccess),
        (Word::Failed, _) => logged.then_some(Code::FalseFailure),
        (Word::Unknown, Some(Fate::Taken(at))) => (*at < event).then_some(Code::Unheard),
        (Word::Unknown, Some(Fate::Refused(error, _))) => (!is_retriable(*error) && !logged).then_some(Code::Doubt),
        (Word::Unknown, _) => None,
    }
}

impl Outcomes {
    /// Which records were sent once more, after INVALID_RECORD had been the answer? No client does that by itself.
    fn resent(&self, evidence: &Evidence, gathered: &mut Gathered<Code>) {
        let mut refused: HashMap<String, usize> = HashMap::new();
        for produce in evidence.produces(&self.topic) {
            for batch in produce.batches_for(&self.topic) {
                let answer = produce.answer.as_ref();
                let last = answer.filter(|answer| {
                    answer.about(&self.topic, batch.partition).is_some_and(|about| about.error == INVALID_RECORD)
                });
                for id in batch.records.iter().filter_map(|record| id_of(record, &self.id)) {
                    if refused.get(&id).is_some_and(|at| *at < produce.event) {
                        gathered.add(Code::Resent, id.clone(), Some(produce.event));
                    }
                    if let Some(answer) = last {
                        refused.insert(id, answer.event);
                    }
                }
            }
        }
    }

    /// Which records were sent when their last word had been said?
    fn still_sent(&self, evidence: &Evidence, said: &BTreeMap<String, (Word, usize)>, gathered: &mut Gathered<Code>) {
        let mut seen = HashSet::new();
        for produce in evidence.produces(&self.topic) {
            for id in produce.records_for(&self.topic).filter_map(|record| id_of(record, &self.id)) {
                let Some((_, word)) = said.get(&id) else { continue };
                let after = evidence.events[produce.event].at.saturating_sub(evidence.events[*word].at) / 1000;
                if after > ON_ITS_WAY_MS && seen.insert(id.clone()) {
                    gathered.add(Code::StillSent, id, Some(produce.event));
                }
            }
        }
    }

    /// Of which records the word came too late, counted from the request that first carried them, or where none did, from
    /// the start of the program?
    fn late(&self, evidence: &Evidence, said: &BTreeMap<String, (Word, usize)>, gathered: &mut Gathered<Code>) {
        let started = evidence
            .iter()
            .find(|(_, event)| event.role.as_deref() == Some(&self.role) && matches!(event.what, What::Started { .. }));
        let mut first: HashMap<String, usize> = HashMap::new();
        for produce in evidence.produces(&self.topic) {
            for id in produce.records_for(&self.topic).filter_map(|record| id_of(record, &self.id)) {
                first.entry(id).or_insert(produce.event);
            }
        }
        for (id, (_, event)) in said {
            let Some(begin) = first.get(id).copied().or(started.map(|(at, _)| at)) else { continue };
            let took = evidence.events[*event].at.saturating_sub(evidence.events[begin].at) / 1000;
            if took > self.late_ms {
                gathered.add(Code::Late, format!("{id} after {} s", took / 1000), Some(*event));
            }
        }
    }
}

fn finding(code: Code, seen: Seen) -> Finding<Code> {
    let (many, which) = (count(seen.words.len(), "record"), some(&seen.words));
    let required = match code {
        Code::FalseSuccess | Code::Early => "“acknowledged” is said of what the broker has acknowledged",
        Code::FalseFailure => "“failed” is said of what is certainly not in the log",
        Code::Doubt | Code::Unheard => "“unknown” is said where the broker's last word is not known",
        Code::Resent => "what was refused for good is not sent again",
        Code::StillSent => "a record that has its last word is not sent again",
        Code::Late => "a word within the time that the contract allows",
        Code::NoWord => "“acknowledged”, “failed” or “unknown”, of a record that was given",
        Code::None | Code::Missing | Code::Contradicted => "one word about each record",
    };
    let seen_words = match code {
        Code::FalseSuccess => format!("{many} said to be acknowledged that the broker never acknowledged: {which}"),
        Code::Early => format!("{many} said to be acknowledged before the broker had answered: {which}"),
        Code::FalseFailure => format!("{many} said to have failed, and in the log: {which}"),
        Code::Doubt => format!("{many} said to be unknown that the broker had refused for good: {which}"),
        Code::Unheard => format!("{many} said to be unknown that the broker had acknowledged: {which}"),
        Code::Resent => format!("{many} sent again after INVALID_RECORD: {which}"),
        Code::StillSent => format!("{many} sent after the last word about them: {which}"),
        Code::Late => format!("{many} late: {which}"),
        Code::NoWord => format!("{} with something else: {which}", count(seen.words.len(), "call")),
        Code::Contradicted => format!("a second word about {many}: {which}"),
        Code::None | Code::Missing => format!("no word about {many}: {which}"),
    };
    let mut events = seen.events;
    events.dedup();
    events.truncate(3);
    Finding::new(code, required, seen_words, events)
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::{Value, json};

    fn value() -> Value {
        json!({"id": 1})
    }

    fn given() -> Recording {
        Recording::default().started().given(value())
    }

    fn sent() -> Recording {
        given().send(-1, vec![batch(0, vec![record("k", &value())])])
    }

    fn again(recording: Recording) -> Recording {
        recording.send(-1, vec![batch(0, vec![record("k", &value())])])
    }

    fn says(recording: Recording, word: &str) -> Recording {
        recording.call("outcome", json!({"id": 1, "outcome": word}))
    }

    fn judged(recording: Recording, logged: bool) -> String {
        let values: &[(i32, Value)] = if logged { &[(0, value())] } else { &[] };
        recording.log(values).judged(check())
    }

    fn check() -> Value {
        json!({"outcomes": {"role": "a", "topic": "t", "op": "outcome", "id": "id", "late_ms": 1000}})
    }

    #[test]
    fn each_word_is_held_against_the_wire_and_the_log() {
        for (recording, word, logged, verdict) in [
            (sent().acknowledge(0), "acknowledged", true, "passed"),
            (sent().acknowledge(0), "unknown", true, "unheard"),
            (sent().acknowledge(0), "failed", true, "false-failure"),
            (sent().acknowledge(0), "delivered", true, "no-word missing"),
            (sent().acknowledge(19), "acknowledged", false, "false-success"),
            (sent().acknowledge(19), "failed", false, "passed"),
            (sent().acknowledge(19), "unknown", false, "passed"),
            (sent().acknowledge(87), "failed", false, "passed"),
            (sent().acknowledge(87), "unknown", false, "doubt"),
            (again(sent().acknowledge(87)).acknowledge(0), "acknowledged", true, "resent"),
            (again(sent().acknowledge(19)).acknowledge(0), "acknowledged", true, "passed"),
            (sent(), "unknown", true, "passed"),
            (sent(), "unknown", false, "passed"),
            (sent(), "failed", true, "false-failure"),
            (given(), "failed", false, "passed"),
        ] {
            assert_eq!(judged(says(recording, word), logged), verdict, "{word}");
        }
        assert_eq!(judged(says(sent(), "acknowledged").acknowledge(0), true), "early");
        assert_eq!(judged(says(says(sent(), "unknown"), "failed"), false), "contradicted");
        let on = |ms: u64| judged(again(says(sent().acknowledge(19), "unknown").pause(ms)), false);
        assert_eq!([on(100), on(400)], ["passed", "still-sent"]);
    }

    #[test]
    fn there_is_a_word_about_each_and_in_time() {
        assert_eq!(judged(sent().acknowledge(0), true), "none");
        let second = sent().acknowledge(0).given(json!({"id": 2}));
        assert_eq!(judged(says(second, "acknowledged"), true), "missing");
        assert_eq!(judged(says(sent().pause(900), "unknown"), false), "passed");
        assert_eq!(judged(says(sent().pause(1100), "unknown"), false), "late");
        assert_eq!(judged(says(given().pause(1100), "unknown"), false), "late");
        assert_eq!(says(sent(), "unknown").judged(check()), "no evidence");
        assert_eq!(judged(Recording::default(), false), "no evidence");
    }
}
