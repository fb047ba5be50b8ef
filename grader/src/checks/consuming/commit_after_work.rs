//! No commit runs ahead of the work: whatever lies before a committed offset has been processed.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Commit, Evidence};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitAfterWork {
    group: String,
    topic: String,
    op: String,
    id: String,
    /// Only its processes are in the group, where others do the same in groups of their own.
    role: Option<String>,
}

codes! {
    CommitFirst = "commit-first" Lost,
    BeforeAnswer = "before-answer" Lost,
    Unprocessed = "unprocessed" Lost,
}

impl Check for CommitAfterWork {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let commits = evidence.commits(&self.group, &self.topic);
        if commits.as_slice().is_empty() {
            return Outcome::NoEvidence("nothing was ever committed".into());
        }
        let mut done: HashMap<String, usize> = HashMap::new();
        for call in evidence.calls_by(self.role.as_deref(), &self.op) {
            if let (Some(id), Some(at)) = (field(call.args, &self.id), call.done()) {
                done.entry(id).or_insert(at);
            }
        }
        let work = Work { records: self.records(evidence), done };
        // What one commit proved needs no second look: each starts where the one before in its partition ended.
        let mut proved: HashMap<i32, i64> = HashMap::new();
        for request in commits.by_request() {
            for commit in request {
                let proved = proved.entry(commit.partition).or_insert(i64::MIN);
                if work.open_before(commit, *proved).next().is_some()
                    && let Some(finding) = work.ahead(request)
                {
                    return finding.outcome();
                }
                *proved = commit.offset.max(*proved);
            }
        }
        Outcome::Passed(format!("{}, none ahead of the work", count(commits.as_slice().len(), "committed offset")))
    }
}

/// A record that is to be processed.
struct Record {
    offset: i64,
    id: String,
    /// Position at which it was put into the topic.
    event: usize,
}

struct Work {
    /// Of each partition, by offset.
    records: HashMap<i32, Vec<Record>>,
    /// Where each id was first answered with yes.
    done: HashMap<String, usize>,
}

impl CommitAfterWork {
    fn records(&self, evidence: &Evidence) -> HashMap<i32, Vec<Record>> {
        let mut records: HashMap<i32, Vec<Record>> = HashMap::new();
        for input in evidence.inputs(&self.topic) {
            let Some(id) = input.value.as_ref().and_then(|value| field(value, &self.id)) else { continue };
            let record = Record { offset: input.offset, id, event: input.event };
            records.entry(input.partition).or_default().push(record);
        }
        records.values_mut().for_each(|records| records.sort_by_key(|record| record.offset));
        records
    }
}

impl Work {
    /// Records from the offset `from` up to the committed one that were not done when it was committed.
    fn open_before<'w>(&'w self, commit: &'w Commit, from: i64) -> impl Iterator<Item = &'w Record> {
        let records = self.records.get(&commit.partition).map(Vec::as_slice).unwrap_or_default();
        let begin = records.partition_point(|record| record.offset < from);
        let before = records[begin..].iter().take_while(|record| record.offset < commit.offset);
        before.filter(|record| self.done.get(&record.id).is_none_or(|at| *at > commit.event))
    }

    /// What is wrong with a request that commits more than was done.
    fn ahead(&self, request: &[Commit]) -> Option<Finding<Code>> {
        let ahead: Vec<(&Record, &Commit)> = request
            .iter()
            .flat_map(|commit| self.open_before(commit, i64::MIN).map(move |record| (record, commit)))
            .collect();
        let (first, commit) = ahead.iter().min_by_key(|(record, _)| record.event)?;
        let event = commit.event;
        let worked = self.done.values().any(|at| *at < event);
        // The very next that is done, and nothing else in any partition: it was in hand, or about to be.
        let next = self.done.iter().filter(|(_, at)| **at > event).min_by_key(|(_, at)| **at);
        let in_hand = ahead.len() == 1 && next.is_some_and(|(next, _)| *next == first.id);
        let code = match (worked, in_hand) {
            (false, _) => Code::CommitFirst,
            (true, true) => Code::BeforeAnswer,
            (true, false) => Code::Unprocessed,
        };
        let required = "every record before a committed offset processed before the commit";
        let here = ahead.iter().filter(|(_, other)| other.partition == commit.partition).count();
        let seen = format!(
            "partition {} committed up to offset {}, with {} not processed yet: {} at offset {}",
            commit.partition,
            commit.offset,
            count(here, "record"),
            first.id,
            first.offset
        );
        Some(Finding::new(code, required, seen, vec![event]))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn work_comes_before_its_commit() {
        let check = || json!({"commit-after-work": {"group": "g", "topic": "t", "op": "process", "id": "id"}});
        let input = || (0..4).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let done = |recording: Recording, id: u32| recording.call("process", json!({"id": id}));
        assert_eq!(done(done(input(), 0), 1).commit(&[(0, 2)]).judged(check()), "passed");
        assert_eq!(input().commit(&[(0, 2)]).judged(check()), "commit-first");
        let in_hand = done(input(), 0).ask("process", json!({"id": 1})).commit(&[(0, 2)]).reply(true);
        assert_eq!(in_hand.judged(check()), "before-answer");
        assert_eq!(done(input(), 0).commit(&[(0, 4)]).judged(check()), "unprocessed");
        assert_eq!(done(input(), 0).judged(check()), "no evidence");
    }

    #[test]
    fn a_commit_may_go_back_and_forth_over_what_is_done() {
        let check = || json!({"commit-after-work": {"group": "g", "topic": "t", "op": "process", "id": "id"}});
        let done = (0..3).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let done = (0..2).fold(done, |all, id| all.call("process", json!({"id": id})));
        let back = done.commit(&[(0, 2)]).commit(&[(0, 1)]).commit(&[(0, 2)]);
        assert_eq!(back.clone().judged(check()), "passed");
        let (code, seen) = back.commit(&[(0, 3)]).outcome(check());
        assert_eq!((code.as_str(), seen.contains("1 record not processed yet: 2 at offset 2")), ("unprocessed", true));
    }
}
