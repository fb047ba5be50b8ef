//! Each batch carries a producer id and a sequence number, by which the broker recognises a repetition (KIP-98).

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::Evidence;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotent {
    topic: String,
}

codes! {
    Off = "off" Duplicate,
}

impl Check for Idempotent {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let produces = evidence.produces(&self.topic);
        let mut batches = 0;
        for produce in &produces {
            batches += produce.batches.len();
            if produce.batches.iter().any(|batch| batch.producer_id < 0) {
                let required = "a producer id and a sequence number in every batch (enable.idempotence=true)";
                let seen = "producer id -1: the broker cannot tell a repeated batch from a new one";
                return Finding::new(Code::Off, required, seen, vec![produce.event]).outcome();
            }
        }
        if batches == 0 {
            return Outcome::NoEvidence(format!("no batch for “{}”", self.topic));
        }
        Outcome::Passed(format!(
            "{} with producer id and sequence",
            count(batches, "batch").replace("batchs", "batches")
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::json;

    #[test]
    fn every_batch_has_a_producer_id() {
        let check = || json!({"idempotent": {"topic": "t"}});
        let with = |producer_id| Batch { producer_id, ..batch(0, vec![record("k", &json!(1))]) };
        assert_eq!(Recording::default().produce(vec![with(1)]).judged(check()), "passed");
        assert_eq!(Recording::default().produce(vec![with(1), with(-1)]).judged(check()), "off");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }
}
