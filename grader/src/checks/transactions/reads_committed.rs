//! The program reads committed records only: nothing comes of a record whose transaction was aborted.

use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::{Evidence, What};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadsCommitted {
    /// Where the records come from, and where their results go.
    from: String,
    topic: String,
    op: String,
    id: String,
}

codes! {
    Aborted = "aborted" Wrong,
}

impl Check for ReadsCommitted {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let ids: HashSet<String> = evidence
            .iter()
            .filter_map(|(_, event)| match &event.what {
                What::Aborted { topic, value: Some(value), .. } if *topic == self.from => {
                    field(&value.json()?, &self.id)
                }
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            return Outcome::NoEvidence(format!("there was no aborted transaction in {}", self.from));
        }
        let (mut acted_on, mut events, mut worked) = (Vec::new(), Vec::new(), false);
        let mut see = |id: Option<String>, event: usize| {
            worked = true;
            if let Some(id) = id.filter(|id| ids.contains(id) && !acted_on.contains(id)) {
                acted_on.push(id);
                events.push(event);
            }
        };
        for call in evidence.calls(&self.op) {
            see(field(call.args, &self.id), call.event);
        }
        for produce in evidence.produces(&self.topic) {
            for record in produce.records_for(&self.topic) {
                let value = record.value.as_ref().and_then(|value| value.json());
                see(value.and_then(|value| field(&value, &self.id)), produce.event);
            }
        }
        if !acted_on.is_empty() {
            acted_on.sort();
            let required = format!("nothing comes of the {} whose transaction was aborted", count(ids.len(), "record"));
            let seen = format!("{} acted on all the same: {}", count(acted_on.len(), "record"), some(&acted_on));
            return Finding::new(Code::Aborted, required, seen, events).outcome();
        }
        if !worked {
            return Outcome::NoEvidence("it did nothing".into());
        }
        Outcome::Passed(format!("{} of an aborted transaction, and nothing came of them", count(ids.len(), "record")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::json;

    #[test]
    fn nothing_comes_of_what_was_aborted() {
        let check = || json!({"reads-committed": {"from": "t", "topic": "results", "op": "vet", "id": "id"}});
        let input = || Recording::default().aborted(0, json!({"id": 9})).input(0, json!({"id": 1}));
        let result =
            |id: u32| vec![Batch { topic: "results".into(), ..batch(0, vec![record("k", &json!({"id": id}))]) }];
        assert_eq!(input().call("vet", json!({"id": 1})).judged(check()), "passed");
        assert_eq!(input().call("vet", json!({"id": 9})).judged(check()), "aborted");
        assert_eq!(input().produce(result(9)).judged(check()), "aborted");
        assert_eq!(input().produce(result(1)).judged(check()), "passed");
        assert_eq!(input().judged(check()), "no evidence");
        assert_eq!(Recording::default().call("vet", json!({"id": 1})).judged(check()), "no evidence");
    }
}
