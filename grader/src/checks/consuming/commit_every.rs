//! A commit after every n processed records.
//!
//! Judged by what the commits *say*, not by when they arrive: an asynchronous commit may reach the broker after later
//! work. What a commit covers are the good records before the committed offsets; poison counts for nothing.

use crate::checks::{Check, Finding, Outcome, codes, count, only, some};
use crate::evidence::{Commit, Evidence, canonical};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitEvery {
    role: String,
    group: String,
    topic: String,
    /// The call that processes one record.
    op: String,
    /// So many records to a commit.
    every: i64,
}

codes! {
    None = "none",
    TooOften = "too-often",
    TooRare = "too-rare",
    PartitionMissing = "partition-missing",
}

impl Check for CommitEvery {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let stop = evidence.endings_asked_for(&self.role).first().copied().unwrap_or(usize::MAX);
        let calls = evidence.calls(&self.op);
        let worked = calls.iter().filter(|call| call.answer.is_some_and(|(at, _)| at < stop)).count();
        if (worked as i64) < self.every * 2 {
            return Outcome::NoEvidence(format!("{} processed before the end", only(worked, "record")));
        }
        let required = format!("a commit after every {} records", self.every);
        let answers: Vec<usize> = calls.iter().filter_map(|call| Some(call.answer?.0)).collect();
        let good: Vec<(i32, i64)> = evidence
            .inputs(&self.topic)
            .iter()
            .filter(|input| !input.poison)
            .map(|input| (input.partition, input.offset))
            .collect();
        let commits = evidence.commits(&self.group, &self.topic);
        let covered = covered(&commits, &good, &answers, stop);
        if covered.is_empty() {
            let seen = format!("{} processed, and no commit while it worked", count(worked, "record"));
            return Finding::new(Code::None, required, seen, vec![]).outcome();
        }
        let mut before = 0;
        for (records, event) in &covered {
            let step = records - before;
            if step != self.every {
                let (named, left_out) = self.left_out(evidence, &commits, *event);
                if step < self.every && !left_out.is_empty() && step + left_out.len() as i64 >= self.every {
                    let seen = format!(
                        "a commit for partition {} alone; {} processed by then, of partition {}, {} not in it",
                        some(&named),
                        count(left_out.len(), "record"),
                        some(&left_out.iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()),
                        if left_out.len() == 1 { "is" } else { "are" },
                    );
                    return Finding::new(Code::PartitionMissing, required, seen, vec![*event]).outcome();
                }
                let code = if step < self.every { Code::TooOften } else { Code::TooRare };
                let seen = format!("a commit that covers {} more", count(step.max(0) as usize, "record"));
                return Finding::new(code, required, seen, vec![*event]).outcome();
            }
            before = *records;
        }
        if (worked as i64) - before >= self.every {
            let seen = format!("{} processed since the last commit", count(worked - before as usize, "record"));
            let events = covered.last().map(|(_, event)| *event).into_iter().collect();
            return Finding::new(Code::TooRare, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{}, {} records each", count(covered.len(), "commit"), self.every))
    }
}

impl CommitEvery {
    /// What the commit at `event` names, and the partition of each record that was processed before it and is covered
    /// by no commit, because that partition is not among those that it names.
    fn left_out(&self, evidence: &Evidence, commits: &[Commit], event: usize) -> (Vec<i32>, Vec<i32>) {
        let calls = evidence.calls(&self.op);
        let answered = |from: usize, to: usize| {
            calls.iter().any(|call| call.answer.is_some_and(|(at, _)| (from..to).contains(&at)))
        };
        // A request for each partition is one commit, when no work lies between them.
        let so_far = commits.iter().filter(|commit| commit.event <= event || !answered(event, commit.event));
        let (mut committed, mut named) = (HashMap::new(), BTreeSet::new());
        for commit in so_far {
            committed.insert(commit.partition, commit.offset);
            if commit.event >= event {
                named.insert(commit.partition);
            }
        }
        let done: HashSet<String> = calls
            .iter()
            .filter(|call| call.answer.is_some_and(|(at, ok)| ok && at < event))
            .map(|call| canonical(call.args))
            .collect();
        let inputs = evidence.inputs(&self.topic);
        let left_out = inputs
            .iter()
            .filter(|input| !named.contains(&input.partition))
            .filter(|input| input.offset >= committed.get(&input.partition).copied().unwrap_or(0))
            .filter(|input| input.value.as_ref().is_some_and(|value| done.contains(&canonical(value))))
            .map(|input| input.partition)
            .collect();
        (named.into_iter().collect(), left_out)
    }
}

/// How many records each commit request before `stop` covers in all, with its position; repetitions left out.
fn covered(commits: &[Commit], good: &[(i32, i64)], answers: &[usize], stop: usize) -> Vec<(i64, usize)> {
    let mut offsets: HashMap<i32, i64> = HashMap::new();
    let mut covered: Vec<(i64, usize)> = Vec::new();
    for request in commits.chunk_by(|a, b| a.event == b.event) {
        let Some(event) = request.first().map(|commit| commit.event).filter(|event| *event < stop) else { break };
        offsets.extend(request.iter().map(|commit| (commit.partition, commit.offset)));
        let before = |place: &&(i32, i64)| offsets.get(&place.0).is_some_and(|committed| place.1 < *committed);
        let sum = good.iter().filter(before).count() as i64;
        match covered.last_mut() {
            // One request for each partition is as good as one for all, when no work lies between them.
            Some((last, at)) if !answers.iter().any(|answer| (*at..event).contains(answer)) => *last = sum,
            Some((last, _)) if *last == sum => {}
            None if sum == 0 => {}
            _ => covered.push((sum, event)),
        }
    }
    covered
}
