//! Every run that was asked for is on the wire, with the settings that belong to it, and all of them do the same work.
//!
//! The key of a record says to which run it belongs. What carries it, a batch and a Produce request, says with which
//! settings it was really sent.

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, given, same, some};
use crate::evidence::{Evidence, Run, Sent};
use crate::wire::Codec;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configured {
    topic: String,
    /// The field that tells one record of the input from another.
    id: String,
    /// All runs that are to be there.
    runs: Vec<Wanted>,
}

/// A run: its name, which is its records' key, and what must be seen on the wire.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    /// As a Produce request says it: 0, 1, or -1 for all.
    acks: i16,
    /// In bytes: no batch of several records is clearly larger, and the fullest is more than half as large.
    batch_size: usize,
    /// With whichever codec.
    compressed: bool,
    /// Its records hold the `id` and nothing else: too small to fill a batch. It may be left out.
    #[serde(default)]
    ids_only: bool,
}

codes! {
    Absent = "absent" Wrong,
    OtherLoad = "other-load" Wrong,
    Acks = "acks" Wrong,
    BatchSize = "batch-size" Wrong,
    OneAtATime = "one-at-a-time" Wrong,
    Unfilled = "unfilled" Wrong,
    Codec = "codec" Wrong,
}

impl Check for Configured {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given = given(evidence, &self.id);
        if given.is_empty() {
            return Outcome::NoEvidence("the program was given nothing to send".into());
        }
        let runs = evidence.runs(&self.topic);
        let mut wrong = Wrong::default();
        for wanted in &self.runs {
            match runs.iter().find(|run| run.key == wanted.name) {
                None if wanted.ids_only => {}
                None => wrong.add(Code::Absent, format!("none has the key “{}”", wanted.name), None),
                Some(run) => {
                    wrong.load(wanted, run, &given, &self.id);
                    wrong.settings(wanted, run);
                }
            }
        }
        let findings = wrong.findings(&self.topic, given.len());
        Outcome::unless_found(findings, || {
            let (runs, records) = (count(self.runs.len(), "run"), count(given.len(), "record"));
            format!("{runs} of {records} each, with their settings")
        })
    }
}

/// What is not as asked for.
#[derive(Default)]
struct Wrong(Gathered<Code>);

impl Wrong {
    fn add(&mut self, code: Code, seen: String, event: Option<usize>) {
        self.0.add(code, seen, event);
    }

    /// Every record that was given, as it was given, once: what a client sends again because it got no answer is the same.
    fn load(&mut self, wanted: &Wanted, run: &Run<'_>, given: &HashMap<String, &Value>, id: &str) {
        let (mut sent, mut taken) = (HashSet::new(), HashSet::new());
        let (mut strange, mut altered, mut repeated) = (0, 0, 0);
        for (of, record) in run.sent.iter().flat_map(|of| of.records.iter().map(move |record| (of, record))) {
            let value = record.value.as_ref().and_then(|value| value.json()).unwrap_or_default();
            let Some((key, order)) = field(&value, id).and_then(|id| given.get_key_value(&id)) else {
                strange += 1;
                continue;
            };
            altered += usize::from(match wanted.ids_only {
                true => value != json!({ id: order[id] }),
                false => !same(order, &value),
            });
            repeated += usize::from(of.accepted() && !taken.insert(key));
            sent.insert(key);
        }
        let mut seen = Vec::new();
        if sent.len() < given.len() {
            seen.push(format!("{} of {}", sent.len(), given.len()));
        }
        for (n, what) in [(strange, "that it was not given"), (altered, "with other contents"), (repeated, "once more")]
        {
            if n > 0 {
                seen.push(format!("{} {what}", count(n, "record")));
            }
        }
        if !seen.is_empty() {
            self.add(Code::OtherLoad, format!("{} has {}", run.key, seen.join(" and ")), run.first());
        }
    }

    fn settings(&mut self, wanted: &Wanted, run: &Run<'_>) {
        let name = &run.key;
        if let Some(sent) = run.sent.iter().find(|sent| sent.acks != wanted.acks) {
            let seen = format!("{name} has acks={}", acks(sent.acks));
            self.add(Code::Acks, seen, Some(sent.event));
        }
        if let Some(sent) = run.sent.iter().find(|sent| (sent.batch.codec != Codec::None) != wanted.compressed) {
            let seen = match sent.batch.codec {
                Codec::None => format!("{name} is not compressed"),
                codec => format!("{name} is compressed ({})", format!("{codec:?}").to_lowercase()),
            };
            self.add(Code::Codec, seen, Some(sent.event));
        }
        // A single record may be larger than any batch. And batch.size bounds an estimate: a client that compresses as it
        // goes, or that counts values and no keys, may be an eighth off. Whoever has another setting is further off.
        let too_large =
            |sent: &&Sent<'_>| sent.batch.records.len() > 1 && on_the_wire(sent) * 8 > wanted.batch_size * 9;
        if let Some(sent) = run.sent.iter().find(too_large) {
            let seen = format!("{name} has a batch of {} bytes", on_the_wire(sent));
            self.add(Code::BatchSize, seen, Some(sent.event));
        }
        let fullest = run.sent.iter().max_by_key(|sent| payload(sent)).filter(|_| !wanted.ids_only);
        if let Some(sent) = fullest.filter(|sent| payload(sent) * 2 <= wanted.batch_size) {
            let (bytes, records) = (payload(sent), count(sent.batch.records.len(), "record"));
            let seen = format!("the fullest batch of {name} has {records} and {bytes} of {} bytes", wanted.batch_size);
            let code = if one_at_a_time(run) { Code::OneAtATime } else { Code::Unfilled };
            self.add(code, seen, Some(sent.event));
        }
    }

    fn findings(self, topic: &str, given: usize) -> Vec<Finding<Code>> {
        let mut findings = self.0.findings(|code, Seen { words, mut events }| {
            let required = match code {
                Code::Absent => format!("records in “{topic}” whose key is the name of the run, for each run"),
                Code::OtherLoad => format!("in each run the same {given} records, as they were given, each once"),
                Code::Acks => "each run with its own acks".to_owned(),
                Code::BatchSize => "no batch larger than the batch.size of its run".to_owned(),
                Code::OneAtATime => {
                    "records that share batches: each travelled alone, after the answer to the one before".to_owned()
                }
                Code::Unfilled => {
                    "batches that get full: at least one more than half as large as batch.size".to_owned()
                }
                Code::Codec => "compression in the run that is about it, and in no other".to_owned(),
            };
            events.truncate(3);
            Finding::new(code, required, some(&words), events)
        });
        findings.sort_by_key(|finding| finding.code);
        findings
    }
}

/// What `batch.size` limits: all keys and values of a batch, or the batch itself where it is compressed. Clients add
/// some bytes for each record, and librdkafka limits a batch before it compresses it: both make it smaller.
fn on_the_wire(sent: &Sent<'_>) -> usize {
    if sent.batch.codec == Codec::None { payload(sent) } else { sent.batch.bytes }
}

/// Did nearly every record travel alone, after the answer to the one before? Where nobody answers, nobody can tell.
fn one_at_a_time(run: &Run<'_>) -> bool {
    let mut sent: Vec<&Sent<'_>> = run.sent.iter().collect();
    sent.sort_by_key(|sent| sent.event);
    let after = |pair: &&[&Sent<'_>]| pair[0].answer.is_some_and(|answer| answer.event < pair[1].event);
    let alone = sent.windows(2).filter(|pair| pair[1].batch.records.len() == 1).filter(after).count();
    alone > 0 && alone * 10 >= (run.sent.iter().map(|sent| sent.records.len()).sum::<usize>() - 1) * 9
}

fn payload(sent: &Sent<'_>) -> usize {
    let bytes = |data: &Option<crate::wire::Data>| data.as_ref().map_or(0, |data| data.as_bytes().len());
    sent.batch.records.iter().map(|record| bytes(&record.key) + bytes(&record.value)).sum()
}

fn acks(acks: i16) -> String {
    if acks == -1 { "all".into() } else { acks.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;

    /// Two records of one run, changed and sent as this says.
    fn judged(acks: i16, change: impl Fn(&mut Batch)) -> String {
        let value = |id: u32| json!({"id": id});
        let given = Recording::default().given(value(1)).given(value(2));
        let mut sent = batch(0, vec![record("x", &value(1)), record("x", &value(2))]);
        change(&mut sent);
        let run = json!({"name": "x", "acks": -1, "batch_size": 30, "compressed": false});
        given
            .send(acks, vec![sent])
            .acknowledge(0)
            .judged(json!({"configured": {"topic": "t", "id": "id", "runs": [run]}}))
    }

    #[test]
    fn each_run_is_sent_with_its_settings() {
        assert_eq!(judged(-1, |_| {}), "passed");
        assert_eq!(judged(1, |_| {}), "acks");
        assert_eq!(judged(-1, |batch| batch.records[0].headers.clear()), "passed");
        assert_eq!(judged(-1, |batch| batch.codec = Codec::Lz4), "batch-size codec");
        assert_eq!(judged(-1, |batch| batch.records.truncate(1)), "other-load unfilled");
        assert_eq!(judged(-1, |batch| batch.records.iter_mut().for_each(|record| record.key = None)), "absent");
        let check = json!({"configured": {"topic": "t", "id": "id", "runs": []}});
        assert_eq!(Recording::default().judged(check), "no evidence");
    }

    #[test]
    fn a_run_of_small_records_holds_their_ids_and_may_be_left_out() {
        let value = |id: u32| json!({"id": id, "product": "a kettle"});
        let given = || Recording::default().given(value(1)).given(value(2));
        let judged = |recording: Recording, acks: i16| {
            let run = json!({"name": "small", "acks": acks, "batch_size": 60, "compressed": false, "ids_only": true});
            recording.judged(json!({"configured": {"topic": "t", "id": "id", "runs": [run]}}))
        };
        let small = |id: u32| record("small", &json!({"id": id}));
        let sent = |records| given().produce(vec![batch(0, records)]);
        assert_eq!(judged(given(), -1), "passed");
        assert_eq!(judged(sent(vec![small(1), small(2)]), -1), "passed");
        assert_eq!(judged(sent(vec![small(1), small(2)]), 1), "acks");
        assert_eq!(judged(sent(vec![small(1)]), -1), "other-load");
        assert_eq!(judged(sent(vec![small(1), record("small", &value(2))]), -1), "other-load");
    }

    /// Ten records of a run whose batches may have 60 bytes: each record has ten.
    fn small_batches(acks: i16, send: impl Fn(Recording, Vec<Batch>) -> Recording, each: usize) -> String {
        let value = |id: usize| json!({"id": id});
        let all: Vec<usize> = (0..10).collect();
        let given = all.iter().fold(Recording::default(), |recording, id| recording.given(value(*id)));
        let sent = all.chunks(each).fold(given, |recording, ids| {
            send(recording, vec![batch(0, ids.iter().map(|id| record("xx", &value(*id))).collect())])
        });
        let run = json!({"name": "xx", "acks": acks, "batch_size": 60, "compressed": false});
        sent.judged(json!({"configured": {"topic": "t", "id": "id", "runs": [run]}}))
    }

    #[test]
    fn batches_are_small_for_want_of_patience_or_because_each_record_is_waited_for() {
        let answered = |recording: Recording, batches| recording.produce(batches);
        assert_eq!(small_batches(-1, answered, 1), "one-at-a-time");
        assert_eq!(small_batches(-1, answered, 2), "unfilled");
        assert_eq!(small_batches(-1, answered, 5), "passed");
        let on_their_way = |recording: Recording, batches| recording.send(-1, batches);
        assert_eq!(small_batches(-1, on_their_way, 1), "unfilled");
        assert_eq!(small_batches(0, |recording, batches| recording.send(0, batches), 1), "unfilled");
    }

    #[test]
    fn a_batch_may_be_an_estimate_off_and_no_more() {
        let sized = |size: usize| {
            let given = Recording::default().given(json!({"id": 1})).given(json!({"id": 2}));
            let sent = batch(0, vec![record("xx", &json!({"id": 1})), record("xx", &json!({"id": 2}))]);
            let run = json!({"name": "xx", "acks": -1, "batch_size": size, "compressed": false});
            given.produce(vec![sent]).judged(json!({"configured": {"topic": "t", "id": "id", "runs": [run]}}))
        };
        assert_eq!(sized(20), "passed");
        assert_eq!(sized(18), "passed");
        assert_eq!(sized(17), "batch-size");
    }
}
