//! One call for each thing that happened, however often its event comes.

use super::happened::{Happened, happened};
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
    /// Who reads the topic for it.
    group: String,
}

codes! {
    CommitFirst = "commit-first" Lost,
    GivenUp = "given-up" Lost,
    Missing = "missing" Lost,
    Again = "again" Duplicate,
    Foreign = "foreign" Wrong,
}

impl Check for CalledOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let happened = happened(evidence, &self.topic, &self.event_type);
        let orders: BTreeMap<String, &Happened> =
            happened.iter().filter_map(|one| Some((field(&one.data, &self.id)?, one))).collect();
        if orders.is_empty() {
            return Outcome::NoEvidence(format!("no {} was put into “{}”", self.event_type, self.topic));
        }
        let mut found = Gathered::default();
        let mut tries: BTreeMap<String, Tries> = BTreeMap::new();
        for call in evidence.calls(&self.op) {
            let id = field(call.args, &self.id).unwrap_or_default();
            if !orders.contains_key(&id) {
                found.add(Code::Foreign, format!("a call for “{id}”"), Some(call.event));
                continue;
            }
            let tries = tries.entry(id.clone()).or_insert(Tries { first: call.event, refused: None, done: 0 });
            match call.answer {
                Some(answer) if answer.ok => tries.done += 1,
                Some(answer) => tries.refused = Some(answer.event),
                None => {}
            }
            if call.done().is_some() && tries.done == 2 {
                found.add(Code::Again, id, Some(call.event));
            }
        }
        let commits = evidence.commits(&self.group, &self.topic);
        for (id, order) in &orders {
            let tries = tries.get(id).copied();
            if tries.is_some_and(|tries| tries.done > 0) {
                continue;
            }
            let commit = commits.first_beyond(order.partition, order.offset).map(|commit| commit.event);
            let ahead = commit.filter(|commit| tries.is_none_or(|tries| *commit < tries.first));
            match (ahead, tries.and_then(|tries| tries.refused)) {
                (Some(commit), _) => found.add(Code::CommitFirst, id.clone(), Some(commit)),
                (None, Some(refused)) => found.add(Code::GivenUp, id.clone(), Some(refused)),
                (None, None) => found.add(Code::Missing, id.clone(), Some(order.event)),
            }
        }
        let required = format!("one call “{}” for each {}", self.op, self.event_type);
        let findings = found.findings(|code, seen| {
            let (many, which) = (count(seen.words.len(), "order"), some(&seen.words));
            let words = match code {
                Code::CommitFirst => format!("no yes for {many}, committed before a call was made: {which}"),
                Code::GivenUp => format!("no yes for {many} whose call was refused: {which}"),
                Code::Missing => format!("without a call that was answered with yes: {which}"),
                Code::Again => format!("called again for {many}, though the first was answered with yes: {which}"),
                Code::Foreign => format!("{which}, for which there was no {}", self.event_type),
            };
            Finding::new(code, &required, words, seen.events.into_iter().take(3).collect())
        });
        Outcome::unless_found(findings, || {
            format!("{} in {}, one call for each", count(orders.len(), "order"), count(happened.len(), "event"))
        })
    }
}

/// What was tried for one of them.
#[derive(Clone, Copy)]
struct Tries {
    /// Position of the first call.
    first: usize,
    /// Position of the last no.
    refused: Option<usize>,
    /// How often the answer was yes.
    done: usize,
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn each_order_has_one_call_that_was_answered_with_yes() {
        let event = |id: &str, kind: &str| json!({"event_type": kind, "event_id": id, "data": {"order_id": id}});
        let order = |id: &str| json!({"order_id": id});
        let check = || json!({"called-once": {"topic": "t", "event_type": "order.placed", "op": "mail", "id": "order_id", "group": "g"}});
        let placed = || Recording::default().input(0, event("a", "order.placed")).input(0, event("b", "order.rated"));
        assert_eq!(placed().call("mail", order("a")).judged(check()), "passed");
        assert_eq!(placed().judged(check()), "missing");
        assert_eq!(placed().refused("mail", order("a")).judged(check()), "given-up");
        assert_eq!(placed().refused("mail", order("a")).call("mail", order("a")).judged(check()), "passed");
        assert_eq!(placed().commit(&[(0, 1)]).ask("mail", order("a")).judged(check()), "commit-first");
        assert_eq!(placed().ask("mail", order("a")).commit(&[(0, 1)]).judged(check()), "missing");
        assert_eq!(placed().ask("mail", order("a")).call("mail", order("a")).judged(check()), "passed");
        assert_eq!(placed().call("mail", order("a")).call("mail", order("a")).judged(check()), "again");
        assert_eq!(placed().call("mail", order("a")).call("mail", order("b")).judged(check()), "foreign");
        assert_eq!(Recording::default().input(0, event("b", "order.rated")).judged(check()), "no evidence");
    }
}
