//! What fails is tried again, so often and no more; what works is not tried again.

use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    op: String,
    /// The field of a call that says what it is about.
    id: String,
    /// How often something is tried at most.
    most: usize,
}

/// One attempt.
struct Attempt {
    /// Position of the call.
    event: usize,
    worked: bool,
}

codes! {
    TooFew = "too-few" Wrong,
    TooMany = "too-many" Slow,
    Again = "again" Duplicate,
}

impl Check for Attempts {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut tried: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
        for call in evidence.calls(&self.op) {
            if let (Some(id), Some(answer)) = (field(call.args, &self.id), call.answer) {
                tried.entry(id).or_default().push(Attempt { event: call.event, worked: answer.ok });
            }
        }
        let failing = tried.values().filter(|tried| tried.iter().any(|attempt| !attempt.worked)).count();
        if failing == 0 {
            return Outcome::NoEvidence(format!("no call “{}” failed, so there was nothing to try again", self.op));
        }
        let required = format!("{} at most, and none after one that worked", count(self.most, "attempt"));
        let mut findings = Vec::new();
        let mut report = |code, is: &dyn Fn(&[Attempt]) -> bool, words: &str| {
            let ids: Vec<&String> = tried.iter().filter(|(_, tried)| is(tried)).map(|(id, _)| id).collect();
            if let Some(attempts) = ids.first().and_then(|id| tried.get(*id)) {
                let numbers = format!("{}; {} had {}", some(&ids), ids[0], count(attempts.len(), "attempt"));
                let events = attempts.iter().map(|attempt| attempt.event).collect();
                findings.push(Finding::new(code, &required, format!("{words}: {numbers}"), events));
            }
        };
        let worked = |tried: &[Attempt]| tried.iter().position(|attempt| attempt.worked);
        report(
            Code::Again,
            &|tried| worked(tried).is_some_and(|at| at + 1 < tried.len()),
            "tried again after it had worked",
        );
        report(Code::TooMany, &|tried| worked(tried).unwrap_or(tried.len()) > self.most, "tried too often");
        report(Code::TooFew, &|tried| worked(tried).is_none() && tried.len() < self.most, "given up too early");
        Outcome::unless_found(findings, || {
            format!("{} tried again, {} at most", count(failing, "record"), count(self.most, "time"))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn what_fails_is_tried_so_often_and_what_works_once() {
        let judged = |answers: &[bool]| {
            let attempts =
                answers.iter().fold(Recording::default(), |all, ok| all.ask("ship", json!({"id": 1})).reply(*ok));
            attempts.judged(json!({"attempts": {"op": "ship", "id": "id", "most": 3}}))
        };
        assert_eq!(judged(&[false, false, true]), "passed");
        assert_eq!(judged(&[false, false, false]), "passed");
        assert_eq!(judged(&[false, false]), "too-few");
        assert_eq!(judged(&[false, false, false, false]), "too-many");
        assert_eq!(judged(&[false, true, true]), "again");
        assert_eq!(judged(&[true]), "no evidence");
    }
}
