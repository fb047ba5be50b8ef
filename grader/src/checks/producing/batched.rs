//! Records travel together: batches hold more than one.

use crate::checks::{Check, Finding, Outcome, codes, count, only};
use crate::evidence::Evidence;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batched {
    topic: String,
}

/// Fewer records prove nothing: a few of them may well travel alone.
const ENOUGH: usize = 20;

codes! {
    Alone = "alone" Slow,
}

impl Check for Batched {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let produces = evidence.produces(&self.topic);
        let batches = produces
            .iter()
            .flat_map(|produce| produce.batches_for(&self.topic).map(|batch| (produce.event, batch.records.len())));
        let batches: Vec<(usize, usize)> = batches.collect();
        let records: usize = batches.iter().map(|(_, records)| records).sum();
        if records < ENOUGH {
            return Outcome::NoEvidence(format!("{} sent", only(records, "record")));
        }
        let largest = batches.iter().map(|(_, records)| *records).max().unwrap_or(0);
        if largest == 1 {
            let required = "batches of several records, where several are waiting";
            let seen = format!("each of {} in a batch of its own", count(records, "record"));
            let events = batches.iter().map(|(event, _)| *event).take(3).collect();
            return Finding::new(Code::Alone, required, seen, events).outcome();
        }
        let seen = format!("{} in {}", count(records, "record"), count(batches.len(), "batch"));
        Outcome::Passed(format!("{seen}, up to {largest} in one"))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn batches_hold_more_than_one_record() {
        let check = || json!({"batched": {"topic": "t"}});
        let sent = |sizes: &[usize]| {
            sizes.iter().fold(Recording::default(), |all, size| {
                all.produce(vec![batch(0, vec![record("k", &json!(1)); *size])])
            })
        };
        assert_eq!(sent(&[1; 20]).judged(check()), "alone");
        assert_eq!(sent(&[1, 1, 18]).judged(check()), "passed");
        assert_eq!(sent(&[1; 19]).judged(check()), "no evidence");
    }
}
