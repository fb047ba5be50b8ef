//! In the end the log holds what was acknowledged: each record once, and in its order.

use super::fate::{Fate, fates, id_of};
use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, given, same, some};
use crate::evidence::{Evidence, What};
use crate::wire::error_name;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    topic: String,
    id: String,
    /// The field of the value whose equal values belong together.
    by: String,
    /// All that was given has to be there, and not only what was acknowledged.
    #[serde(default)]
    all: bool,
}

codes! {
    // It was acknowledged, and is gone.
    Lost = "lost" Lost,
    NeverSent = "never-sent" Lost,
    GivenUp = "given-up" Lost,
    Unanswered = "unanswered" Lost,
    Altered = "altered" Wrong,
    Foreign = "foreign" Wrong,
    SplitKey = "split-key" Wrong,
    OutOfOrder = "out-of-order" Wrong,
    Duplicate = "duplicate" Duplicate,
    // The copies have sequence numbers of their own: the program made them, and not its client.
    SentTwice = "sent-twice" Duplicate,
}

/// A record of the log that was given.
struct Found<'a> {
    id: &'a str,
    key: String,
    partition: i32,
    offset: i64,
}

const EACH: &str = "each record that was given is in the log";

impl Check for Kept {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given = given(evidence, &self.id);
        if given.is_empty() {
            return Outcome::NoEvidence("the program was given nothing to send".into());
        }
        let Some((event, log)) = evidence.log(&self.topic) else {
            return Outcome::NoEvidence(format!(
                "it did not come to the point where the log of “{}” is read",
                self.topic
            ));
        };
        let (mut found, mut findings) = (Vec::new(), Vec::new());
        let (mut altered, mut foreign) = (Vec::new(), 0);
        for (partition, record) in log {
            let value = record.value.as_ref().and_then(|value| value.json());
            let id = value.as_ref().and_then(|value| field(value, &self.id));
            match (value, id.and_then(|id| given.get_key_value(&id))) {
                (Some(value), Some((id, wanted))) => {
                    if !same(&value, wanted) {
                        altered.push(id.clone());
                    }
                    let key = field(wanted, &self.by).unwrap_or_default();
                    found.push(Found { id, key, partition, offset: record.offset });
                }
                _ => foreign += 1,
            }
        }
        findings.extend(self.missing(evidence, &given, &found, event));
        if !altered.is_empty() {
            let seen = format!("{} with other contents: {}", count(altered.len(), "record"), some(&altered));
            findings.push(Finding::new(
                Code::Altered,
                "the values that were given, field for field",
                seen,
                vec![event],
            ));
        }
        if foreign > 0 {
            let seen = format!("{} that the program was not given, or that are not JSON", count(foreign, "record"));
            findings.push(Finding::new(Code::Foreign, "the records that were given, and no others", seen, vec![event]));
        }
        findings.extend(self.in_order(evidence, &found, event));
        findings.extend(self.twice(evidence, &found, event));
        Outcome::unless_found(findings, || {
            format!("the log holds {}, each once and in order: all that was acknowledged", count(found.len(), "record"))
        })
    }
}

impl Kept {
    /// What is not in the log, and should be.
    fn missing(
        &self,
        evidence: &Evidence,
        given: &HashMap<String, &Value>,
        found: &[Found<'_>],
        log: usize,
    ) -> Vec<Finding<Code>> {
        let there: BTreeSet<&str> = found.iter().map(|found| found.id).collect();
        let fates = fates(evidence, &self.topic, &self.id, log);
        let mut missing: BTreeMap<Code, (Vec<&String>, Vec<usize>)> = BTreeMap::new();
        let mut errors = BTreeSet::new();
        for (id, fate) in fates.iter().filter(|(id, _)| given.contains_key(*id) && !there.contains(id.as_str())) {
            let (code, event) = match *fate {
                Fate::Taken(event) => (Code::Lost, Some(event)),
                _ if !self.all => continue,
                Fate::NeverSent => (Code::NeverSent, None),
                Fate::Unanswered(event) => (Code::Unanswered, Some(event)),
                Fate::Refused(error, event) => {
                    errors.insert(error_name(error));
                    (Code::GivenUp, Some(event))
                }
            };
            let (ids, events) = missing.entry(code).or_default();
            ids.push(id);
            events.extend(event);
        }
        let finding = |(code, (ids, mut events)): (Code, (Vec<&String>, Vec<usize>))| {
            let (many, which) = (count(ids.len(), "record"), some(&ids));
            let (required, seen) = match code {
                Code::Lost => (
                    "each acknowledged record is in the log",
                    format!("{many} acknowledged, and not in the log: {which}"),
                ),
                Code::GivenUp => {
                    let errors: Vec<String> = errors.iter().cloned().collect();
                    (EACH, format!("{many} refused with {}, and given up: {which}", errors.join(", ")))
                }
                Code::Unanswered => (EACH, format!("{many} sent, never answered, and not sent again: {which}")),
                _ => (EACH, format!("{many} never sent: {which}")),
            };
            events.dedup();
            events.truncate(2);
            events.push(log);
            Finding::new(code, required, seen, events)
        };
        missing.into_iter().map(finding).collect()
    }

    /// Does each key lie in one partition, its records in the order in which they were given?
    fn in_order(&self, evidence: &Evidence, found: &[Found<'_>], log: usize) -> Vec<Finding<Code>> {
        let values = evidence.iter().filter_map(|(_, event)| match &event.what {
            What::Given { value } => field(value, &self.id),
            _ => None,
        });
        let turns: HashMap<String, usize> = values.zip(0..).collect();
        let (mut last, mut seen) = (HashMap::<&str, &Found<'_>>::new(), HashSet::new());
        let mut gathered = Gathered::default();
        // A copy is another fault.
        for found in found.iter().filter(|found| seen.insert(found.id)) {
            let Some(before) = last.insert(&found.key, found) else { continue };
            if before.partition != found.partition {
                let partitions = [before.partition, found.partition];
                gathered.add(Code::SplitKey, format!("{} in partitions {partitions:?}", found.key), None);
            } else if turns.get(before.id) > turns.get(found.id) {
                let at = |found: &Found<'_>| format!("{} at offset {}", found.id, found.offset);
                let words = format!("{} has {} and then {}", found.key, at(before), at(found));
                gathered.add(Code::OutOfOrder, words, None);
            }
        }
        let required =
            format!("all records of one {} in one partition, in the order in which they were given", self.by);
        gathered.findings(|code, seen: Seen| Finding::new(code, &required, some(&seen.words), vec![log]))
    }

    /// What lies in the log more than once.
    fn twice(&self, evidence: &Evidence, found: &[Found<'_>], log: usize) -> Vec<Finding<Code>> {
        let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
        found.iter().for_each(|found| *copies.entry(found.id).or_default() += 1);
        let mut unnumbered: HashSet<String> = HashSet::new();
        for produce in evidence.produces(&self.topic) {
            let batches = produce.batches_for(&self.topic).filter(|batch| batch.producer_id < 0);
            unnumbered.extend(batches.flat_map(|batch| &batch.records).filter_map(|record| id_of(record, &self.id)));
        }
        let mut gathered = Gathered::default();
        for (id, _) in copies.into_iter().filter(|(_, copies)| *copies > 1) {
            let code = if unnumbered.contains(id) { Code::Duplicate } else { Code::SentTwice };
            gathered.add(code, id.to_owned(), None);
        }
        gathered.findings(|code, Seen { words, .. }| {
            let seen = format!("{} more than once in the log: {}", count(words.len(), "record"), some(&words));
            Finding::new(code, "each record once in the log", seen, vec![log])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::json;

    fn value(id: u32) -> Value {
        json!({"id": id, "who": "k", "cents": 5})
    }

    /// Two records of one key are given, and the second is sent after the first.
    fn sent() -> Recording {
        let sent = |id| vec![batch(0, vec![record("k", &value(id))])];
        Recording::default().given(value(1)).given(value(2)).produce(sent(1)).produce(sent(2))
    }

    fn judged(recording: Recording, all: bool) -> String {
        recording.judged(json!({"kept": {"topic": "t", "id": "id", "by": "who", "all": all}}))
    }

    #[test]
    fn what_was_acknowledged_is_in_the_log_once_and_in_order() {
        let log = |values: &[(i32, Value)]| judged(sent().log(values), false);
        let (first, second) = ((0, value(1)), (0, value(2)));
        assert_eq!(log(&[first.clone(), second.clone()]), "passed");
        assert_eq!(log(std::slice::from_ref(&first)), "lost");
        assert_eq!(log(&[second.clone(), first.clone()]), "out-of-order");
        assert_eq!(log(&[first.clone(), (1, value(2))]), "split-key");
        assert_eq!(log(&[first.clone(), second.clone(), first.clone()]), "sent-twice");
        assert_eq!(log(&[first.clone(), (0, json!({"id": 2, "who": "k", "cents": 0.05}))]), "altered");
        assert_eq!(log(&[first.clone(), second, (0, json!("another"))]), "foreign");
        assert_eq!(judged(sent(), false), "no evidence");
        assert_eq!(judged(Recording::default().log(&[first]), false), "no evidence");
    }

    #[test]
    fn copies_without_a_number_are_the_clients() {
        let unnumbered = || vec![Batch { producer_id: -1, ..batch(0, vec![record("k", &value(1))]) }];
        let sent = Recording::default().given(value(1)).produce(unnumbered()).produce(unnumbered());
        assert_eq!(judged(sent.log(&[(0, value(1)), (0, value(1))]), false), "duplicate");
    }

    #[test]
    fn what_was_not_acknowledged_may_be_missing_unless_all_is_wanted() {
        let given = || Recording::default().given(value(1));
        let one = || vec![batch(0, vec![record("k", &value(1))])];
        for (recording, code) in [
            (given(), "never-sent"),
            (given().send(-1, one()), "unanswered"),
            (given().send(-1, one()).acknowledge(19), "given-up"),
        ] {
            assert_eq!(judged(recording.clone().log(&[]), false), "passed");
            assert_eq!(judged(recording.log(&[]), true), code);
        }
    }
}
