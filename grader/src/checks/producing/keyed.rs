//! The key of each record is the field of its value that it should be.

use crate::checks::{Check, Finding, Outcome, codes, count, decoded, field};
use crate::evidence::Evidence;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyed {
    topic: String,
    /// The field of the value that is the key.
    by: String,
}

codes! {
    Missing = "missing" Wrong,
    Wrong = "wrong" Wrong,
}

impl Check for Keyed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let stored = evidence.stored(&self.topic);
        if stored.is_empty() {
            return Outcome::NoEvidence(format!("nothing arrived in “{}”", self.topic));
        }
        let required = format!("the record's {} as its key", self.by);
        if let Some(bare) = stored.iter().find(|stored| stored.record.key.is_none()) {
            let without = stored.iter().filter(|stored| stored.record.key.is_none()).count();
            let seen = format!("{} without a key", count(without, "record"));
            return Finding::new(Code::Missing, required, seen, vec![bare.event]).outcome();
        }
        let mut judged = 0;
        for stored in &stored {
            let Some(wanted) = decoded(stored.record).and_then(|(value, _)| field(&value, &self.by)) else { continue };
            judged += 1;
            let key = stored.record.key.as_ref().and_then(|key| key.text()).unwrap_or("(bytes that are not text)");
            if key != wanted {
                let seen = format!("key “{key}” on a record whose {} is “{wanted}”", self.by);
                return Finding::new(Code::Wrong, required, seen, vec![stored.event]).outcome();
            }
        }
        if judged == 0 {
            return Outcome::NoEvidence(format!("no value in “{}” has a {}", self.topic, self.by));
        }
        Outcome::Passed(format!("all {} carry their {} as key", count(judged, "record"), self.by))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn the_key_is_the_field() {
        let judged = |key: &str| {
            let record = record(key, &json!({"customer": "x"}));
            Recording::default()
                .produce(vec![batch(0, vec![record])])
                .judged(json!({"keyed": {"topic": "t", "by": "customer"}}))
        };
        assert_eq!(judged("x"), "passed");
        assert_eq!(judged("y"), "wrong");
        assert_eq!(judged(""), "missing");
        let nothing = Recording::default().judged(json!({"keyed": {"topic": "t", "by": "customer"}}));
        assert_eq!(nothing, "no evidence");
    }
}
