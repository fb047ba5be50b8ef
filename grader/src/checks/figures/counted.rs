//! What the figures count as delivered and as failed is what the broker answered.

use super::figures;
use crate::checks::{Check, Finding, Outcome, codes, count, field, given, some};
use crate::evidence::{Evidence, Run};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    topic: String,
    /// The field that tells one record of the input from another.
    id: String,
    file: String,
}

codes! {
    Miscounted = "miscounted" Wrong,
}

impl Check for Counted {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let figures = match figures::read(evidence, &self.file) {
            Ok(figures) => figures,
            Err(outcome) => return outcome,
        };
        let given = given(evidence, &self.id).len() as u64;
        let (mut required, mut seen, mut events, mut right) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for run in evidence.runs(&self.topic) {
            let Some(row) = figures.row(&run.key) else { continue };
            let delivered = self.delivered(&run);
            let failed = given.saturating_sub(delivered);
            if (row.delivered, row.failed) == (delivered, failed) {
                right += 1;
                continue;
            }
            required.push(format!("{}: {delivered} delivered, {failed} failed", run.key));
            seen.push(format!("{}: {} delivered, {} failed", run.key, row.delivered, row.failed));
            let refused = run.sent.iter().find(|sent| !sent.accepted());
            events.extend(refused.map(|sent| sent.event).or(run.first()));
        }
        if !seen.is_empty() {
            events.push(figures.event);
            return Finding::new(Code::Miscounted, some(&required), some(&seen), events).outcome();
        }
        if right == 0 {
            return Outcome::NoEvidence("no run on the wire has figures".into());
        }
        Outcome::Passed(format!("{} counted as the broker answered", count(right, "run")))
    }
}

impl Counted {
    /// Different records of the run that the broker took.
    fn delivered(&self, run: &Run<'_>) -> u64 {
        let accepted = run.sent.iter().filter(|sent| sent.accepted()).flat_map(|sent| &sent.records);
        let ids: HashSet<String> =
            accepted.filter_map(|record| field(&record.value.as_ref()?.json()?, &self.id)).collect();
        ids.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn figures_count_what_the_broker_answered() {
        let judged = |delivered: u32, failed: u32| {
            let sent = |id: u32| vec![batch(0, vec![record("x", &json!({"id": id}))])];
            let given = (0..3).fold(Recording::default(), |all, id| all.given(json!({"id": id})));
            let run = given.produce(sent(0)).produce(sent(1)).send(-1, sent(2)).refuse(7);
            let rows = json!([{"name": "x", "delivered": delivered, "failed": failed, "seconds": 1.0, "records_per_second": 1.0}]);
            run.collected("f", None, rows).judged(json!({"counted": {"topic": "t", "id": "id", "file": "f"}}))
        };
        assert_eq!(judged(2, 1), "passed");
        assert_eq!(judged(3, 0), "miscounted");
        let nothing = Recording::default().judged(json!({"counted": {"topic": "t", "id": "id", "file": "f"}}));
        assert_eq!(nothing, "no evidence");
    }
}
