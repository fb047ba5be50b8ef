//! One call for each thing that happened, however often its event comes.

use super::happened::happened;
use crate::checks::{Check, Finding, Gathered, Outcome, codes, count, field, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalledOnce {
    topic: String,
    /// Of these events.
    event_type: String,
    op: String,
    /// A field of the event's `data`, and of the call's arguments.
    id: String,
}

codes! {
    Missing = "missing" Lost,
    Again = "again" Duplicate,
    Foreign = "foreign" Wrong,
}

impl Check for CalledOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let happened = happened(evidence, &self.topic, &self.event_type);
        // For each of them, how often the outside world said yes.
        let mut done: BTreeMap<String, (usize, usize)> =
            happened.iter().filter_map(|one| Some((field(&one.data, &self.id)?, (0, one.event)))).collect();
        if done.is_empty() {
            return Outcome::NoEvidence(format!("no {} was put into “{}”", self.event_type, self.topic));
        }
        let mut found = Gathered::default();
        for call in evidence.calls(&self.op) {
            let id = field(call.args, &self.id).unwrap_or_default();
            match done.get_mut(&id) {
                None => found.add(Code::Foreign, format!("a call for “{id}”"), Some(call.event)),
                Some((times, _)) if call.done().is_some() => {
                    *times += 1;
                    if *times == 2 {
                        found.add(Code::Again, id, Some(call.event));
                    }
                }
                Some(_) => {}
            }
        }
        for (id, (_, event)) in done.iter().filter(|(_, (times, _))| *times == 0) {
            found.add(Code::Missing, id.clone(), Some(*event));
        }
        let required = format!("one call “{}” for each {}", self.op, self.event_type);
        let findings = found.findings(|code, seen| {
            let (many, which) = (count(seen.words.len(), "order"), some(&seen.words));
            let words = match code {
                Code::Missing => format!("without a call that was answered with yes: {which}"),
                Code::Again => format!("called again for {many}, though the first was answered with yes: {which}"),
                Code::Foreign => format!("{which}, for which there was no {}", self.event_type),
            };
            Finding::new(code, &required, words, seen.events.into_iter().take(3).collect())
        });
        Outcome::unless_found(findings, || {
            format!("{} in {}, one call for each", count(done.len(), "order"), count(happened.len(), "event"))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn each_order_has_one_call_that_was_answered_with_yes() {
        let event = |id: &str, kind: &str| json!({"event_type": kind, "event_id": id, "data": {"order_id": id}});
        let order = |id: &str| json!({"order_id": id});
        let check =
            || json!({"called-once": {"topic": "t", "event_type": "order.placed", "op": "mail", "id": "order_id"}});
        let placed = || Recording::default().input(0, event("a", "order.placed")).input(0, event("b", "order.rated"));
        assert_eq!(placed().call("mail", order("a")).judged(check()), "passed");
        assert_eq!(placed().judged(check()), "missing");
        assert_eq!(placed().refused("mail", order("a")).judged(check()), "missing");
        assert_eq!(placed().ask("mail", order("a")).call("mail", order("a")).judged(check()), "passed");
        assert_eq!(placed().call("mail", order("a")).call("mail", order("a")).judged(check()), "again");
        assert_eq!(placed().call("mail", order("a")).call("mail", order("b")).judged(check()), "foreign");
        assert_eq!(Recording::default().input(0, event("b", "order.rated")).judged(check()), "no evidence");
    }
}
