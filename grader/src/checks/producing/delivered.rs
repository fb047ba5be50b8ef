//! Every value that was given arrives exactly once, unchanged.

use super::fate::{Fate, fates, id_of};
use crate::checks::{Check, Finding, Outcome, codes, count, decoded, field, given, same, some};
use crate::evidence::{By, Evidence, What};
use crate::wire::error_name;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    topic: String,
    /// The field that tells one value from another.
    id: String,
    /// Values that a scripted refusal struck for good need not arrive.
    #[serde(default)]
    except_refused: bool,
}

codes! {
    NeverSent = "never-sent" Lost,
    Unanswered = "unanswered" Lost,
    GivenUp = "given-up" Lost,
    Uncommitted = "uncommitted" Lost,
    // The broker took it for a repetition, by its sequence number, and kept nothing of it.
    NotStored = "not-stored" Lost,
    Duplicate = "duplicate" Duplicate,
    // The copies have sequence numbers of their own: the program made them, and not its client.
    SentTwice = "sent-twice" Duplicate,
    Altered = "altered" Wrong,
    Foreign = "foreign" Wrong,
    Resent = "resent" Duplicate,
}

impl Check for Delivered {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given: HashMap<String, &Value> = given(evidence, &self.id);
        if given.is_empty() {
            return Outcome::NoEvidence("the program was given nothing to send".into());
        }
        let mut arrived: HashMap<String, Vec<usize>> = HashMap::new();
        let (mut altered, mut foreign, mut quoted) = (Vec::new(), Vec::new(), Vec::new());
        for stored in evidence.stored(&self.topic) {
            let decoded = decoded(stored.record);
            let id = decoded.as_ref().and_then(|(value, _)| field(value, &self.id));
            match (decoded, id.as_ref().and_then(|id| given.get(id))) {
                (Some((value, twice)), Some(wanted)) => {
                    if twice {
                        quoted.push((id.clone().unwrap_or_default(), stored.event));
                    } else if !same(&value, wanted) {
                        altered.push((id.clone().unwrap_or_default(), stored.event));
                    }
                    arrived.entry(id.unwrap_or_default()).or_default().push(stored.event);
                }
                _ => foreign.push(stored.event),
            }
        }
        let excused = if self.except_refused { refused(evidence, &self.topic, &self.id) } else { HashSet::new() };
        let mut missing: Vec<&String> =
            given.keys().filter(|id| !arrived.contains_key(*id) && !excused.contains(*id)).collect();
        missing.sort();
        let mut twice: Vec<(&String, &Vec<usize>)> = arrived.iter().filter(|(_, events)| events.len() > 1).collect();
        twice.sort();
        let all = format!("each of the {} in “{}” exactly once", count(given.len(), "record"), self.topic);
        let mut findings = Vec::new();
        // What cannot be told by its id may be any of those that are missing.
        if missing.len() > foreign.len() {
            findings.extend(self.missing(evidence, &missing, &all));
        }
        if let Some((_, events)) = twice.first() {
            let ids: Vec<&&String> = twice.iter().map(|(id, _)| id).collect();
            let seen = format!("{} stored more than once: {}", count(twice.len(), "record"), some(&ids));
            let code = if numbered(evidence, &self.topic, events) { Code::SentTwice } else { Code::Duplicate };
            findings.push(Finding::new(code, &all, seen, events.to_vec()));
        }
        if let Some((_, event)) = quoted.first() {
            let ids: Vec<&String> = quoted.iter().map(|(id, _)| id).collect();
            let seen = format!(
                "{} arrived encoded twice, as a JSON text in quotes that holds the JSON: {}",
                count(ids.len(), "record"),
                some(&ids)
            );
            let required = "each value as a JSON object";
            findings.push(Finding::new(Code::Altered, required, seen, vec![*event]));
        }
        if let Some((_, event)) = altered.first() {
            let ids: Vec<&String> = altered.iter().map(|(id, _)| id).collect();
            let seen = format!("{} arrived with other contents: {}", count(ids.len(), "record"), some(&ids));
            findings.push(Finding::new(
                Code::Altered,
                "the values that were given, field for field",
                seen,
                vec![*event],
            ));
        }
        if let Some(event) = foreign.first() {
            let seen =
                format!("{} that the program was not given, or that are not JSON", count(foreign.len(), "record"));
            findings.push(Finding::new(Code::Foreign, all, seen, vec![*event]));
        }
        let mut resent: Vec<(&String, &Vec<usize>)> = arrived.iter().filter(|(id, _)| excused.contains(*id)).collect();
        resent.sort();
        if let Some((_, events)) = resent.first() {
            let ids: Vec<&&String> = resent.iter().map(|(id, _)| id).collect();
            let seen = format!("{} sent again, and stored: {}", count(resent.len(), "refused record"), some(&ids));
            let required = "a record that the broker refuses for good counts as failed and is not sent again";
            findings.push(Finding::new(Code::Resent, required, seen, events.to_vec()));
        }
        Outcome::unless_found(findings, || {
            format!("{} arrived, each exactly once and unchanged", count(arrived.len(), "record"))
        })
    }
}

impl Delivered {
    /// What became of the records that are `missing`: a finding for each fate.
    fn missing(&self, evidence: &Evidence, missing: &[&String], required: &str) -> Vec<Finding<Code>> {
        let fates = fates(evidence, &self.topic, &self.id, usize::MAX);
        let transactional = transactional(evidence, &self.topic, &self.id);
        let (mut ids, mut events) = (BTreeMap::<Code, Vec<&String>>::new(), BTreeMap::<Code, Vec<usize>>::new());
        let mut errors = BTreeSet::new();
        for &id in missing {
            let (code, event) = match fates.get(id) {
                None | Some(Fate::NeverSent) => (Code::NeverSent, None),
                Some(Fate::Unanswered(event)) => (Code::Unanswered, Some(*event)),
                Some(Fate::Refused(error, event)) => {
                    errors.insert(error_name(*error));
                    (Code::GivenUp, Some(*event))
                }
                Some(Fate::Taken(event)) if transactional.contains(id) => (Code::Uncommitted, Some(*event)),
                Some(Fate::Taken(event)) => (Code::NotStored, Some(*event)),
            };
            ids.entry(code).or_default().push(id);
            events.entry(code).or_default().extend(event);
        }
        let finding = |(code, ids): (Code, Vec<&String>)| {
            let (many, which) = (count(ids.len(), "record"), some(&ids));
            let seen = match code {
                Code::Unanswered => format!("{many} sent, and never answered: {which}"),
                Code::GivenUp => {
                    let errors: Vec<String> = errors.iter().cloned().collect();
                    format!("{many} sent, refused with {}, and not sent again: {which}", errors.join(", "))
                }
                Code::Uncommitted => format!("{many} sent in a transaction that was not committed: {which}"),
                Code::NotStored => format!(
                    "{many} acknowledged and not stored, for the sequence number was that of an earlier batch: {which}"
                ),
                _ => format!("{many} never sent: {which}"),
            };
            let mut events = events.remove(&code).unwrap_or_default();
            events.sort_unstable();
            events.dedup();
            events.truncate(3);
            if events.is_empty() {
                events = last_produce(evidence, &self.topic);
            }
            Finding::new(code, required, seen, events)
        };
        ids.into_iter().map(finding).collect()
    }
}

/// Ids that were in a batch which the grader refused in the broker's place, or waited behind it: franz-go gives up with such a
/// batch whatever its program has handed to it for that partition, so that the sequence numbers stay right.
fn refused(evidence: &Evidence, topic: &str, id: &str) -> HashSet<String> {
    let produces = evidence.produces(topic);
    let (mut refused, mut sent) = (HashSet::new(), HashSet::new());
    // Of each partition, until when records were taken up that may have waited behind a refused batch, and its keys.
    let mut until: HashMap<i32, usize> = HashMap::new();
    let mut keys: HashMap<i32, HashSet<&str>> = HashMap::new();
    for produce in &produces {
        let struck = produce.answer.filter(|answer| answer.by == By::Grader);
        for batch in produce.batches_for(topic) {
            let ids: Vec<String> = batch.records.iter().filter_map(|record| id_of(record, id)).collect();
            let texts = batch.records.iter().filter_map(|record| record.key.as_ref()?.text());
            keys.entry(batch.partition).or_default().extend(texts);
            if let Some(answer) = struck {
                until.insert(batch.partition, answer.event);
                refused.extend(ids.iter().cloned());
            }
            sent.extend(ids);
        }
    }
    for (event, found) in evidence.iter() {
        let What::Given { value } = &found.what else { continue };
        let Some(id) = field(value, id).filter(|id| !sent.contains(id)) else { continue };
        let texts: Vec<&str> =
            value.as_object().into_iter().flat_map(|fields| fields.values().filter_map(Value::as_str)).collect();
        let its =
            keys.iter().find(|(_, keys)| texts.iter().any(|text| keys.contains(text))).map(|(partition, _)| partition);
        if until.iter().any(|(partition, until)| event < *until && its.is_none_or(|its| its == partition)) {
            refused.insert(id);
        }
    }
    refused
}

/// Ids that were sent in a transaction.
fn transactional(evidence: &Evidence, topic: &str, id: &str) -> HashSet<String> {
    let produces = evidence.produces(topic);
    let batches = produces.iter().flat_map(|produce| produce.batches_for(topic));
    let records = batches.filter(|batch| batch.transactional).flat_map(|batch| &batch.records);
    records.filter_map(|record| id_of(record, id)).collect()
}

/// Did all that these requests carry have sequence numbers?
fn numbered(evidence: &Evidence, topic: &str, requests: &[usize]) -> bool {
    let produces = evidence.produces(topic);
    let carried = produces.iter().filter(|produce| requests.contains(&produce.event));
    carried.flat_map(|produce| produce.batches_for(topic)).all(|batch| batch.producer_id >= 0)
}

fn last_produce(evidence: &Evidence, topic: &str) -> Vec<usize> {
    evidence.produces(topic).last().map(|produce| produce.event).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::{Batch, Request};
    use serde_json::json;

    #[test]
    fn each_value_arrives_once_as_it_was_given() {
        let check = || json!({"delivered": {"topic": "t", "id": "id"}});
        let value = |id: u32| json!({"id": id, "price": 12});
        let sent = |values: &[Value]| {
            let recording = Recording::default().given(value(1)).given(value(2));
            recording.produce(vec![batch(0, values.iter().map(|value| record("k", value)).collect())])
        };
        assert_eq!(sent(&[value(1), json!({"price": 12.0, "id": 2})]).judged(check()), "passed");
        assert_eq!(sent(&[value(1)]).judged(check()), "never-sent");
        assert_eq!(sent(&[value(1), value(2), value(2)]).judged(check()), "sent-twice");
        assert_eq!(sent(&[value(1), json!({"id": 2})]).judged(check()), "altered");
        assert_eq!(sent(&[value(1), value(2), value(3)]).judged(check()), "foreign");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }

    #[test]
    fn what_was_refused_for_good_need_not_arrive_and_must_not_be_sent_again() {
        let check = |except| json!({"delivered": {"topic": "t", "id": "id", "except_refused": except}});
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let refused = Recording::default().given(json!({"id": 1})).send(-1, one()).refuse(29);
        assert_eq!(refused.clone().judged(check(true)), "passed");
        assert_eq!(refused.clone().judged(check(false)), "given-up");
        assert_eq!(refused.clone().produce(one()).judged(check(true)), "resent");
        let behind = Recording::default().given(json!({"id": 1})).given(json!({"id": 2})).send(-1, one()).refuse(29);
        assert_eq!(behind.judged(check(true)), "passed", "it waited behind what was refused");
        assert_eq!(refused.given(json!({"id": 2})).judged(check(true)), "never-sent");
    }

    #[test]
    fn what_is_missing_was_never_sent_or_never_answered_or_given_up_or_never_committed() {
        let judged = |recording: Recording| recording.outcome(json!({"delivered": {"topic": "t", "id": "id"}}));
        let one = || batch(0, vec![record("k", &json!({"id": 1}))]);
        let given = || Recording::default().given(json!({"id": 1}));
        let told = |code: &str, seen: &str| (code.to_owned(), seen.to_owned());
        assert_eq!(judged(given()), told("never-sent", "1 record never sent: 1"));
        assert_eq!(judged(given().send(-1, vec![one()])), told("unanswered", "1 record sent, and never answered: 1"));
        let refused = given().send(-1, vec![one()]).acknowledge(19);
        let seen = "1 record sent, refused with NOT_ENOUGH_REPLICAS(19), and not sent again: 1";
        assert_eq!(judged(refused.clone()), told("given-up", seen));
        assert_eq!(judged(refused.produce(vec![one()])).0, "passed");
        let open = given().produce(vec![Batch { transactional: true, ..one() }]);
        assert_eq!(judged(open), told("uncommitted", "1 record sent in a transaction that was not committed: 1"));
    }

    #[test]
    fn what_is_encoded_twice_is_there_and_what_is_unreadable_may_be_what_is_missing() {
        let judged = |record| {
            let given = Recording::default().given(json!({"id": 1}));
            given.produce(vec![batch(0, vec![record])]).judged(json!({"delivered": {"topic": "t", "id": "id"}}))
        };
        assert_eq!(judged(record("k", &json!("{\"id\":1}"))), "altered");
        assert_eq!(judged(record("k", &json!("{'id': 1}"))), "foreign");
    }

    #[test]
    fn a_repeated_sequence_number_is_stored_once_and_a_repeated_record_twice() {
        let check = || json!({"delivered": {"topic": "t", "id": "id"}});
        let one = || batch(0, vec![record("k", &json!({"id": 1}))]);
        let given = || Recording::default().given(json!({"id": 1}));
        // What got no answer is sent again; the broker had it.
        let again = || given().send(-1, vec![one()]).send(-1, vec![one()]);
        assert_eq!(again().acknowledge(0).judged(check()), "passed");
        assert_eq!(given().produce(vec![one(), one()]).judged(check()), "sent-twice");
        // Another record under a number that the broker has seen: it says yes, and keeps what it has.
        let numbered = |recording: Recording, id: u32| {
            let batch = Batch { base_sequence: 0, ..batch(0, vec![record("k", &json!({"id": id}))]) };
            let batches = vec![batch].into();
            let produce = Request::Produce { acks: -1, transactional_id: None, timeout_ms: 1, batches };
            recording.request(produce).acknowledge(0)
        };
        let kept = numbered(numbered(given().given(json!({"id": 2})), 1), 2);
        assert_eq!(kept.judged(check()), "not-stored");
        let unnumbered = || vec![Batch { producer_id: -1, ..one() }];
        assert_eq!(given().produce(unnumbered()).produce(unnumbered()).judged(check()), "duplicate");
    }
}
