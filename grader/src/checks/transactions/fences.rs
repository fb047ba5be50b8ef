//! A process in whose place another one has begun commits no transaction any more.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Fate, What};
use crate::wire::{Request, Response, error_name};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fences {
    /// The one that hung, and its successor.
    role: String,
    by: String,
}

codes! {
    NotFenced = "not-fenced" Duplicate,
    ComesBack = "comes-back" Stuck,
    GoesOn = "goes-on" Stuck,
}

impl Check for Fences {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let Some(begun) = ready(evidence, &self.by).next() else {
            return Outcome::NoEvidence(format!("{} had no transactional producer", self.by));
        };
        if let Some(back) = ready(evidence, &self.role).find(|back| *back > begun) {
            let required = "who has been replaced ends, and leaves its transactional.id to its successor";
            let seen = format!("{} took the id back from {}, which is now shut out", self.role, self.by);
            return Finding::new(Code::ComesBack, required, seen, vec![begun, back]).outcome();
        }
        let transactions = evidence.transactions();
        let hung = |one: &&crate::evidence::Transaction<'_>| {
            one.role == Some(self.role.as_str()) && one.began < begun && !one.batches.is_empty()
        };
        for one in transactions.iter().filter(hung) {
            let Some(end) = one.end else { continue };
            let Some((answer, ..)) = evidence.response(end).filter(|(answer, ..)| *answer > begun) else { continue };
            match one.fate {
                Fate::Committed => {
                    let required = "what a process has open when its successor begins never counts";
                    let seen = format!("{} had been replaced, and its transaction was committed", self.role);
                    return Finding::new(Code::NotFenced, required, seen, vec![begun, end, answer]).outcome();
                }
                Fate::Refused(error) => {
                    let why = error_name(error);
                    if let Some((last, seen)) = self.goes_on(evidence, answer) {
                        let required = "who is told that it has been replaced ends";
                        let seen = format!("{} was refused with {why}, and {seen}", self.role);
                        return Finding::new(Code::GoesOn, required, seen, vec![answer, last]).outcome();
                    }
                    return Outcome::Passed(format!("{} was refused with {why}: it is shut out", self.role));
                }
                Fate::Aborted | Fate::InDoubt | Fate::LeftOpen => {}
            }
        }
        Outcome::NoEvidence(format!("{} tried to commit nothing after {} had begun", self.role, self.by))
    }
}

/// Whoever has asked for records so often has not ended, and is not about to.
const OFTEN: usize = 100;

impl Fences {
    /// What shows that it went on after it had been told at `told`, and what it did.
    fn goes_on(&self, evidence: &Evidence, told: usize) -> Option<(usize, String)> {
        let ours = evidence.iter().skip(told).filter(|(_, event)| event.role.as_ref() == Some(&self.role));
        let (mut fetches, mut last) = (0, told);
        for (at, event) in ours {
            match &event.what {
                What::Call { op, .. } => return Some((at, format!("called “{op}” again"))),
                What::Response { body: Response::Fetch { .. }, .. } => (fetches, last) = (fetches + 1, at),
                _ => {}
            }
        }
        (fetches >= OFTEN).then(|| (last, "went on reading".to_owned()))
    }
}

/// Where a transactional producer of `role` was ready.
fn ready<'e>(evidence: &'e Evidence, role: &'e str) -> impl Iterator<Item = usize> + 'e {
    let init = |request: &Request| matches!(request, Request::InitProducerId { transactional_id: Some(_), .. });
    let asked = evidence.exchanges(init).into_iter().filter(move |asked| asked.role == Some(role));
    asked.filter_map(|asked| asked.answer).filter_map(|answer| match answer.body {
        Response::InitProducerId { error: 0, .. } => Some(answer.event),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn whoever_has_been_replaced_commits_nothing() {
        let check = || json!({"fences": {"role": "a", "by": "b"}});
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let hung = || Recording::default().send_in_transaction(one()).acknowledge(0);
        let replaced = || hung().role("b").replaces("a").init_transactions("x").role("a");
        assert_eq!(replaced().end_transaction(true, 90).judged(check()), "passed");
        assert_eq!(replaced().end_transaction(true, 0).judged(check()), "not-fenced");
        assert_eq!(replaced().judged(check()), "no evidence", "it did not come back");
        let back = replaced().end_transaction(true, 90).init_transactions("x");
        assert_eq!(back.judged(check()), "comes-back", "it shuts out its successor");
        let goes_on = replaced().end_transaction(true, 90).call("approve", json!({"id": 2}));
        assert_eq!(goes_on.judged(check()), "goes-on", "it works as if nothing had happened");
        assert_eq!(hung().end_transaction(true, 0).judged(check()), "no evidence", "nobody replaced it");
    }
}
