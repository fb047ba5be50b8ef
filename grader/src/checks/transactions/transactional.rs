//! Whatever the program sends to a topic, it sends in a transaction.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::Evidence;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transactional {
    topic: String,
}

codes! {
    Plain = "plain" Duplicate,
}

impl Check for Transactional {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let produces = evidence.produces(&self.topic);
        for produce in &produces {
            if produce.batches_for(&self.topic).any(|batch| !batch.transactional && batch.error.is_none()) {
                let required = format!("each record for {} is part of a transaction", self.topic);
                let seen = "a batch that belongs to none: everybody sees it at once, and no abort takes it back";
                return Finding::new(Code::Plain, required, seen, vec![produce.event]).outcome();
            }
        }
        let transactions = evidence.transactions();
        let committed = transactions.iter().filter(|one| one.committed() && !one.batches.is_empty()).count();
        match (produces.is_empty(), committed) {
            (true, _) => Outcome::NoEvidence(format!("nothing was sent to {}", self.topic)),
            (false, 0) => Outcome::NoEvidence("no transaction with a record in it was committed".into()),
            (false, n) => Outcome::Passed(format!("all was sent in transactions, {} of them committed", n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn whatever_is_sent_is_part_of_a_transaction() {
        let check = || json!({"transactional": {"topic": "t"}});
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let in_one = || Recording::default().send_in_transaction(one()).acknowledge(0);
        assert_eq!(in_one().end_transaction(true, 0).judged(check()), "passed");
        assert_eq!(in_one().end_transaction(true, 0).produce(one()).judged(check()), "plain");
        assert_eq!(in_one().judged(check()), "no evidence", "it was not committed");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }
}
