//! Partition affinity: whatever belongs together lies in one partition, in the order in which it was given.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Evidence, What};
use crate::wire::Response;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

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
    SplitKey = "split-key",
    OnePartition = "one-partition",
    OutOfOrder = "out-of-order",
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
        let mut arrived: BTreeMap<String, Arrived> = BTreeMap::new();
        for stored in evidence.stored(&self.topic) {
            let value = stored.record.value.as_ref().and_then(|value| value.json());
            if let Some((key, id)) = value.as_ref().and_then(|value| self.key_and_id(value)) {
                arrived.entry(key).or_default().push((id, stored.partition, stored.event));
            }
        }
        if !arrived.values().any(|records| records.len() > 1) {
            return Outcome::NoEvidence(format!("no {} with two records arrived", self.by));
        }
        for (key, records) in &arrived {
            let mut partitions: Vec<i32> = records.iter().map(|(_, partition, _)| *partition).collect();
            partitions.sort_unstable();
            partitions.dedup();
            if partitions.len() > 1 {
                let events = partitions
                    .iter()
                    .filter_map(|wanted| records.iter().find(|(_, partition, _)| partition == wanted))
                    .map(|(_, _, event)| *event)
                    .collect();
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
            let found: Vec<&String> = records.iter().map(|(id, _, _)| id).collect();
            let given = wanted.get(key).map(Vec::as_slice).unwrap_or_default();
            let expected: Vec<&String> = given.iter().filter(|id| found.contains(id)).collect();
            if let Some(at) = found.iter().zip(&expected).position(|(found, expected)| found != expected) {
                let required = format!("the records of one {} in the order in which they were given", self.by);
                let seen = format!("{key}: {} stands where {} belongs", found[at], expected[at]);
                return Finding::new(Code::OutOfOrder, required, seen, vec![records[at].2]).outcome();
            }
        }
        Outcome::Passed(format!("each of {} values of {} stays in one partition, in order", arrived.len(), self.by))
    }
}

/// What arrived of one value of the key: id, partition, position of the request.
type Arrived = Vec<(String, i32, usize)>;

/// A partitioner that goes by the key may by chance put every key into the same partition; less often than this is no
/// chance.
const BY_CHANCE: f64 = 1e-5;

impl Affinity {
    /// Everything in one partition of several, with so many keys that the keys cannot be the reason.
    fn one_partition(&self, evidence: &Evidence, arrived: &BTreeMap<String, Arrived>) -> Option<Finding<Code>> {
        let (_, partition, event) = arrived.values().flatten().next()?;
        let topics = evidence.iter().filter_map(|(_, event)| match &event.what {
            What::Response { body: Response::Metadata { topics, .. }, .. } => Some(topics),
            _ => None,
        });
        let known = topics.flatten().filter(|topic| topic.name == self.topic);
        let partitions = known.map(|topic| topic.partitions.len()).max()?;
        let others = arrived.values().flatten().any(|(_, other, _)| other != partition);
        let chance = (partitions as f64).powi(1 - arrived.len() as i32);
        if others || chance > BY_CHANCE {
            return None;
        }
        let required = format!("the partition of each record chosen by its {}", self.by);
        let seen = format!("{} values of {}, all in partition {partition} of {partitions}", arrived.len(), self.by);
        Some(Finding::new(Code::OnePartition, required, seen, vec![*event]))
    }

    fn key_and_id(&self, value: &Value) -> Option<(String, String)> {
        Some((field(value, &self.by)?, field(value, &self.id)?))
    }
}
