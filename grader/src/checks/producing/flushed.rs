//! The program does not end before the broker has answered for every record.

use crate::checks::{Check, Finding, Outcome, codes, count, field, given};
use crate::evidence::{Evidence, Exit};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flushed {
    role: String,
    topic: String,
    id: String,
}

codes! {
    LeftBehind = "left-behind" Lost,
}

impl Check for Flushed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given = given(evidence, &self.id);
        let Some(Exit { event: exit, .. }) = evidence.exits(&self.role).first().copied() else {
            return Outcome::NoEvidence(format!("{} did not end", self.role));
        };
        let mut answered = HashSet::new();
        for produce in evidence.produces(&self.topic) {
            let in_time = produce.answer.map_or(produce.acks == 0, |answer| answer.event < exit);
            if in_time && produce.event < exit {
                let records = produce.batches.iter().flat_map(|batch| &batch.records);
                let values = records.filter_map(|record| record.value.as_ref());
                answered.extend(values.filter_map(|value| field(&value.json()?, &self.id)));
            }
        }
        let open = given.keys().filter(|id| !answered.contains(*id)).count();
        if open > 0 {
            let required = "an answer for every record before the program ends";
            let seen = format!("it ended while {} had no answer yet", count(open, "record"));
            return Finding::new(Code::LeftBehind, required, seen, vec![exit]).outcome();
        }
        Outcome::Passed(format!("all {} were answered before it ended", count(answered.len(), "record")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use serde_json::json;

    #[test]
    fn every_answer_comes_before_the_end() {
        let check = || json!({"flushed": {"role": "a", "topic": "t", "id": "id"}});
        let sent = || {
            let given = Recording::default().given(json!({"id": 1}));
            given.send(-1, vec![batch(0, vec![record("k", &json!({"id": 1}))])])
        };
        assert_eq!(sent().acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed");
        assert_eq!(sent().exited(Ended::Code(0)).acknowledge(0).judged(check()), "left-behind");
        assert_eq!(sent().acknowledge(0).judged(check()), "no evidence");
    }
}
