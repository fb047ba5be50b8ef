//! The acknowledgement that each Produce request asks for.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::Evidence;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acks {
    topic: String,
}

codes! {
    None = "none" Lost,
    LeaderOnly = "leader-only" Lost,
}

impl Check for Acks {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let produces = evidence.produces(&self.topic);
        if produces.is_empty() {
            return Outcome::NoEvidence(format!("no Produce request for “{}”", self.topic));
        }
        let required = "acks=all (-1 on the wire) in every Produce request";
        for produce in &produces {
            let (code, meaning) = match produce.acks {
                -1 => continue,
                0 => (Code::None, "the broker sends no answer, so a lost record goes unnoticed"),
                _ => (Code::LeaderOnly, "only the partition's leader has the record when it answers"),
            };
            return Finding::new(code, required, format!("acks={}: {meaning}", produce.acks), vec![produce.event])
                .outcome();
        }
        Outcome::Passed(format!("acks=all in {}", count(produces.len(), "Produce request")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn every_request_asks_for_all_acknowledgements() {
        let check = || json!({"acks": {"topic": "t"}});
        let sent = |acks| Recording::default().send(acks, vec![batch(0, vec![record("k", &json!(1))])]).acknowledge(0);
        assert_eq!(sent(-1).judged(check()), "passed");
        assert_eq!(sent(1).judged(check()), "leader-only");
        assert_eq!(sent(0).judged(check()), "none");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }
}
