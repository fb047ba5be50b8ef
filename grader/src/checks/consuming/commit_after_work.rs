//! No commit runs ahead of the work: whatever lies before a committed offset has been processed.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitAfterWork {
    group: String,
    topic: String,
    op: String,
    id: String,
}

codes! {
    CommitFirst = "commit-first",
    BeforeAnswer = "before-answer",
    Unprocessed = "unprocessed",
}

impl Check for CommitAfterWork {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let commits = evidence.commits(&self.group, &self.topic);
        if commits.is_empty() {
            return Outcome::NoEvidence("nothing was ever committed".into());
        }
        let calls = evidence.calls(&self.op);
        let mut done: HashMap<String, usize> = HashMap::new();
        for call in &calls {
            if let (Some(id), Some((at, true))) = (field(call.args, &self.id), call.answer) {
                done.entry(id).or_insert(at);
            }
        }
        let inputs = evidence.inputs(&self.topic);
        for request in commits.chunk_by(|a, b| a.event == b.event) {
            let event = request[0].event;
            let ahead: Vec<_> = inputs
                .iter()
                .filter_map(|input| Some((input, request.iter().find(|commit| commit.partition == input.partition)?)))
                .filter(|(input, commit)| input.offset < commit.offset)
                .filter_map(|(input, commit)| Some((input, commit, field(input.value.as_ref()?, &self.id)?)))
                .filter(|(_, _, id)| done.get(id).is_none_or(|at| *at > event))
                .collect();
            let Some((first, commit, id)) = ahead.first() else { continue };
            let worked = done.values().any(|at| *at < event);
            // The very next that is done, and nothing else in any partition: it was in hand, or about to be.
            let next = done.iter().filter(|(_, at)| **at > event).min_by_key(|(_, at)| **at);
            let in_hand = ahead.len() == 1 && next.is_some_and(|(next, _)| next == id);
            let code = match (worked, in_hand) {
                (false, _) => Code::CommitFirst,
                (true, true) => Code::BeforeAnswer,
                (true, false) => Code::Unprocessed,
            };
            let required = "every record before a committed offset processed before the commit";
            let here = ahead.iter().filter(|(_, other, _)| other.partition == commit.partition).count();
            let seen = format!(
                "partition {} committed up to offset {}, with {} not processed yet: {id} at offset {}",
                commit.partition,
                commit.offset,
                count(here, "record"),
                first.offset
            );
            return Finding::new(code, required, seen, vec![event]).outcome();
        }
        Outcome::Passed(format!("{}, none ahead of the work", count(commits.len(), "committed offset")))
    }
}
