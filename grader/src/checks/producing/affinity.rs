//! Partition affinity: whatever belongs together lies in one partition, in the order in which it was given.

use crate::checks::{Check, Finding, Outcome, codes, count, decoded, field};
use crate::evidence::{Evidence, What};
use crate::wire::{Record, Response};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affinity {
    topic: String,
    /// The field of the value whose equal values belong together.
    by: String,
    /// The field that tells one value from another.
    id: String,
}

codes! {
    SplitKey = "split-key" Wrong,
    OnePartition = "one-partition" Slow,
    OutOfOrder = "out-of-order" Wrong,
    // The same, and they come from more than one producer.
    SeveralProducers = "several-producers" Wrong,
}

impl Check for Affinity {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, event) in evidence.iter() {
            if let What::Given { value } = &event.what
                && let Some((key, id)) = self.key_and_id(value)
            {
                wanted.entry(key).or_default().push(id);
            }
        }
        let mut arrived: BTreeMap<String, Vec<Arrived>> = BTreeMap::new();
        for stored in evidence.stored(&self.topic) {
            if let Some((key, id)) = decoded(stored.record).and_then(|(value, _)| self.key_and_id(&value)) {
                arrived.entry(key).or_default().push(Arrived { id, partition: stored.partition, event: stored.event });
            }
        }
        if !arrived.values().any(|records| records.len() > 1) {
            return Outcome::NoEvidence(format!("no two records of one {} arrived", self.by));
        }
        for (key, records) in &arrived {
            let mut first: BTreeMap<i32, usize> = BTreeMap::new();
            for record in records {
                first.entry(record.partition).or_insert(record.event);
            }
            if first.len() > 1 {
                let (partitions, events): (Vec<i32>, Vec<usize>) = first.into_iter().unzip();
                let required = format!("all records of one {} in one partition", self.by);
                let seen =
                    format!("{key}'s {} are spread over partitions {partitions:?}", count(records.len(), "record"));
                return Finding::new(Code::SplitKey, required, seen, events).outcome();
            }
        }
        if let Some(finding) = self.one_partition(evidence, &arrived) {
            return finding.outcome();
        }
        for (key, records) in &arrived {
            let found: Vec<&String> = records.iter().map(|record| &record.id).collect();
            let given = wanted.get(key).map(Vec::as_slice).unwrap_or_default();
            let here: HashSet<&String> = found.iter().copied().collect();
            let expected: Vec<&String> = given.iter().filter(|id| here.contains(id)).collect();
            if let Some(at) = found.iter().zip(&expected).position(|(found, expected)| found != expected) {
                let required = format!("the records of one {} in the order in which they were given", self.by);
                let seen = format!("{key}: {} stands where {} belongs", found[at], expected[at]);
                let of_key = self.producers(evidence, Some(key)).into_iter().collect::<HashSet<_>>().len() > 1;
                let code =
                    if of_key && self.side_by_side(evidence) { Code::SeveralProducers } else { Code::OutOfOrder };
                return Finding::new(code, required, seen, vec![records[at].event]).outcome();
            }
        }
        Outcome::Passed(format!("each of {} values of {} stays in one partition, in order", arrived.len(), self.by))
    }
}

/// A record that arrived.
struct Arrived {
    id: String,
    partition: i32,
    /// Position of the request.
    event: usize,
}

/// A partitioner that goes by the key may by chance put every key into the same partition; less often than this is no
/// chance.
const BY_CHANCE: f64 = 1e-5;

impl Affinity {
    /// Everything in one partition of several, with so many keys that the keys cannot be the reason.
    fn one_partition(&self, evidence: &Evidence, arrived: &BTreeMap<String, Vec<Arrived>>) -> Option<Finding<Code>> {
        let Arrived { partition, event, .. } = arrived.values().flatten().next()?;
        let topics = evidence.iter().filter_map(|(_, event)| match &event.what {
            What::Response { body: Response::Metadata { topics, .. }, .. } => Some(topics),
            _ => None,
        });
        let known = topics.flatten().filter(|topic| topic.name == self.topic);
        let partitions = known.map(|topic| topic.partitions.len()).max()?;
        let others = arrived.values().flatten().any(|other| other.partition != *partition);
        let chance = (partitions as f64).powi(1 - arrived.len() as i32);
        if others || chance > BY_CHANCE {
            return None;
        }
        let required = format!("the partition of each record chosen by its {}", self.by);
        let seen = format!("{} values of {}, all in partition {partition} of {partitions}", arrived.len(), self.by);
        Some(Finding::new(Code::OnePartition, required, seen, vec![*event]))
    }

    /// Does a producer send once more when another has had its turn?
    fn side_by_side(&self, evidence: &Evidence) -> bool {
        let all = self.producers(evidence, None);
        let turns = all.windows(2).filter(|two| two[0] != two[1]).count();
        turns >= all.iter().collect::<HashSet<_>>().len()
    }

    /// The ids of the producers from which records came, those of this key or all, batch by batch.
    fn producers(&self, evidence: &Evidence, key: Option<&str>) -> Vec<i64> {
        let of = |record: &Record| decoded(record).and_then(|(value, _)| field(&value, &self.by));
        let fits = |record: &Record| key.is_none_or(|key| of(record).is_some_and(|found| found == key));
        let produces = evidence.produces(&self.topic);
        let batches = produces.iter().flat_map(|produce| produce.batches_for(&self.topic));
        batches.filter(|batch| batch.records.iter().any(fits)).map(|batch| batch.producer_id).collect()
    }

    fn key_and_id(&self, value: &Value) -> Option<(String, String)> {
        Some((field(value, &self.by)?, field(value, &self.id)?))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::{Batch, Request};
    use serde_json::json;

    /// Values with a customer and an id, each sent to a partition.
    fn judged(sent: &[(&str, u32, i32)]) -> String {
        let value = |customer: &str, id: u32| json!({"customer": customer, "id": id});
        let partitions = [0, 1, 2].map(|partition| json!({"partition": partition, "error": 0, "leader": 1}));
        let topics = json!([{"name": "t", "error": 0, "partitions": partitions}]);
        let topics = json!({"api": "metadata", "brokers": [], "topics": topics});
        let mut recording = Recording::default().request(Request::Metadata { topics: None });
        recording = recording.response(serde_json::from_value(topics).expect("a Metadata answer"));
        let mut given = sent.to_vec();
        given.sort_by_key(|(_, id, _)| *id);
        for (customer, id, _) in given {
            recording = recording.given(value(customer, id));
        }
        for (customer, id, partition) in sent {
            recording = recording.produce(vec![batch(*partition, vec![record(customer, &value(customer, *id))])]);
        }
        recording.judged(json!({"affinity": {"topic": "t", "by": "customer", "id": "id"}}))
    }

    #[test]
    fn what_belongs_together_stays_together_and_in_order() {
        assert_eq!(judged(&[("x", 1, 0), ("y", 2, 1), ("x", 3, 0)]), "passed");
        assert_eq!(judged(&[("x", 1, 0), ("x", 2, 1)]), "split-key");
        assert_eq!(judged(&[("x", 2, 0), ("x", 1, 0)]), "out-of-order");
        assert_eq!(judged(&[("x", 1, 0), ("y", 2, 1)]), "no evidence");
    }

    #[test]
    fn several_producers_side_by_side_are_named_so() {
        let value = |id: u32| json!({"customer": "x", "id": id});
        let sent = |from: &[(u32, i64)]| {
            let given = (1..=4).fold(Recording::default(), |all, id| all.given(value(id)));
            let all = from.iter().fold(given, |all, (id, producer_id)| {
                all.produce(vec![Batch { producer_id: *producer_id, ..batch(0, vec![record("x", &value(*id))]) }])
            });
            all.judged(json!({"affinity": {"topic": "t", "by": "customer", "id": "id"}}))
        };
        assert_eq!(sent(&[(1, 7), (3, 8), (2, 7), (4, 8)]), "several-producers");
        assert_eq!(sent(&[(1, 7), (3, 7), (2, 7), (4, 7)]), "out-of-order");
        assert_eq!(sent(&[(1, 7), (3, 7), (2, 8), (4, 8)]), "out-of-order", "one after the other");
        assert_eq!(sent(&[(1, 7), (2, 8), (3, 7), (4, 8)]), "passed");
    }

    #[test]
    fn all_keys_in_one_partition_are_no_chance_if_there_are_many() {
        let names: Vec<String> = (0..12).map(|n| format!("customer {n}")).collect();
        let all_in_one = |names: &[String]| {
            let twice = names.iter().chain(&names[..1]).zip(0..);
            judged(&twice.map(|(name, id)| (name.as_str(), id, 0)).collect::<Vec<_>>())
        };
        assert_eq!(all_in_one(&names), "one-partition");
        assert_eq!(all_in_one(&names[..5]), "passed");
    }
}
