//! What the program reports about its deliveries is what the wire shows.

use super::fate::{Fate, fates, id_of};
use crate::checks::{Check, Finding, Outcome, codes, count, given};
use crate::evidence::Evidence;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    topic: String,
    /// The call that carries the report: `{"delivered": n, "failed": n, "partitions": {"0": n, …}}`.
    op: String,
    id: String,
}

codes! {
    None = "none" Wrong,
    // It reported while records were on their way, or before they were sent.
    Early = "early" Wrong,
    // Some records are in neither of its counts, confirmed ones among them: it did not wait to hear of them.
    Unheard = "unheard" Wrong,
    // Some records are in neither of its counts, and none of them was confirmed.
    Incomplete = "incomplete" Wrong,
    // All records are in its counts, some in the wrong one.
    Miscounted = "miscounted" Wrong,
    WrongDistribution = "wrong-distribution" Wrong,
    Repeated = "repeated" Wrong,
}

impl Check for Reported {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut partitions: BTreeMap<String, u64> = BTreeMap::new();
        let mut ids = HashSet::new();
        for stored in evidence.stored(&self.topic) {
            *partitions.entry(stored.partition.to_string()).or_default() += 1;
            ids.extend(id_of(stored.record, &self.id));
        }
        let delivered = ids.len();
        let doubled = partitions.values().sum::<u64>() - delivered as u64;
        let failed = given(evidence, &self.id).keys().filter(|id| !ids.contains(*id)).count();
        let truth = format!("delivered {delivered}, failed {failed}");
        let calls = evidence.calls(&self.op);
        let Some(report) = calls.last() else {
            let required = format!("a call “{}” that says: {truth}", self.op);
            let seen = match evidence.gave_up() {
                Some(_) if failed == 0 => "no such call: every record is answered, and the program goes on waiting",
                _ => "no such call",
            };
            return Finding::new(Code::None, required, seen, vec![]).outcome();
        };
        if calls.len() > 1 {
            let (required, seen) = ("one report, at the end", format!("{} reports", calls.len()));
            return Finding::new(Code::Repeated, required, seen, calls.iter().map(|call| call.event).collect())
                .outcome();
        }
        if let Some((answer, late)) = self.known_later(evidence, report.event) {
            let required = "the report comes when the outcome of every record is known";
            let seen = format!("{} answered after it", count(late, "record"));
            return Finding::new(Code::Early, required, seen, vec![report.event, answer]).outcome();
        }
        let said = |name: &str| report.args.get(name).and_then(Value::as_u64);
        if said("delivered") != Some(delivered as u64) || said("failed") != Some(failed as u64) {
            let reported = |name| report.args.get(name).unwrap_or(&Value::Null).to_string();
            let seen = format!("delivered {}, failed {}", reported("delivered"), reported("failed"));
            let required = format!("what the broker confirmed: {truth}");
            let all = (delivered + failed) as u64;
            let code = match said("delivered").zip(said("failed")) {
                Some((known, failed)) if known.saturating_add(failed) < all => {
                    if known < delivered as u64 {
                        Code::Unheard
                    } else {
                        Code::Incomplete
                    }
                }
                _ => Code::Miscounted,
            };
            return Finding::new(code, required, seen, vec![report.event]).outcome();
        }
        if doubled > 0 {
            let many = count(doubled as usize, "record");
            let why =
                format!("“{}” holds {many} too many, so the counts of its partitions cannot be judged", self.topic);
            return Outcome::NoEvidence(why);
        }
        let empty = Value::Null;
        let distribution: BTreeMap<String, u64> = report
            .args
            .get("partitions")
            .unwrap_or(&empty)
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(partition, n)| Some((partition.clone(), n.as_u64()?)))
            .filter(|(_, n)| *n > 0)
            .collect();
        if distribution != partitions {
            let (required, seen) = (json!(partitions).to_string(), json!(distribution).to_string());
            return Finding::new(Code::WrongDistribution, required, seen, vec![report.event]).outcome();
        }
        Outcome::Passed(format!("it reported {truth}, as on the wire"))
    }
}

impl Reported {
    /// How many records were first taken by an answer that came after the report, and the first such answer. Where nobody
    /// answers (`acks=0`) nobody can know, and that is another fault.
    fn known_later(&self, evidence: &Evidence, report: usize) -> Option<(usize, usize)> {
        let produces = evidence.produces(&self.topic);
        let unasked = |event: usize| produces.iter().any(|produce| produce.event == event && produce.acks == 0);
        let late: Vec<usize> = fates(evidence, &self.topic, &self.id, usize::MAX)
            .into_values()
            .filter_map(|fate| match fate {
                Fate::Taken(answer) if answer > report && !unasked(answer) => Some(answer),
                _ => None,
            })
            .collect();
        Some((*late.iter().min()?, late.len()))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn the_report_is_what_the_wire_shows() {
        let check = || json!({"reported": {"topic": "t", "op": "report", "id": "id"}});
        let sent = || {
            let given = Recording::default().given(json!({"id": 1})).given(json!({"id": 2}));
            given.produce(vec![batch(3, vec![record("k", &json!({"id": 1}))])])
        };
        let report = |delivered: u32, partition: &str| json!({"delivered": delivered, "failed": 1, "partitions": {partition: 1}});
        assert_eq!(sent().call("report", report(1, "3")).judged(check()), "passed");
        assert_eq!(sent().judged(check()), "none");
        assert_eq!(sent().call("report", report(2, "3")).judged(check()), "miscounted");
        assert_eq!(sent().call("report", report(0, "3")).judged(check()), "unheard");
        let uncounted = json!({"delivered": 1, "failed": 0, "partitions": {"3": 1}});
        assert_eq!(sent().call("report", uncounted).judged(check()), "incomplete");
        let second = || vec![batch(3, vec![record("k", &json!({"id": 2}))])];
        let all = || json!({"delivered": 2, "failed": 0, "partitions": {"3": 2}});
        // Right by luck: nothing had confirmed it.
        assert_eq!(sent().call("report", all()).produce(second()).judged(check()), "early");
        assert_eq!(sent().send(-1, second()).call("report", all()).acknowledge(0).judged(check()), "early");
        assert_eq!(sent().produce(second()).call("report", all()).judged(check()), "passed");
        assert_eq!(sent().call("report", all()).send(0, second()).judged(check()), "passed");
        assert_eq!(sent().call("report", report(1, "0")).judged(check()), "wrong-distribution");
        assert_eq!(sent().call("report", json!({})).call("report", report(1, "3")).judged(check()), "repeated");
        let twice = sent().produce(vec![batch(0, vec![record("k", &json!({"id": 1}))])]);
        assert_eq!(twice.call("report", report(1, "3")).judged(check()), "no evidence");
    }
}
