//! A commit after every n processed records.
//!
//! Judged by what the commits *say*, not by when they arrive: an asynchronous commit may reach the broker after later
//! work. What a commit covers are the good records before the committed offsets; poison counts for nothing.

use super::{Check, Finding, Outcome, count};
use crate::evidence::{Commit, Evidence};
use serde::Deserialize;
use std::collections::HashMap;

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

impl Check for CommitEvery {
    const CODES: &'static [&'static str] = &["none", "too-often", "too-rare"];

    fn judge(&self, evidence: &Evidence) -> Outcome {
        let stop = evidence.endings_asked_for(&self.role).first().copied().unwrap_or(usize::MAX);
        let calls = evidence.calls(&self.op);
        let worked = calls.iter().filter(|call| call.answer.is_some_and(|(at, _)| at < stop)).count();
        if (worked as i64) < self.every * 2 {
            return Outcome::NoEvidence(format!("only {} processed before the end", count(worked, "record")));
        }
        let required = format!("a commit after every {} records", self.every);
        let answers: Vec<usize> = calls.iter().filter_map(|call| Some(call.answer?.0)).collect();
        let good: Vec<(i32, i64)> = evidence
            .inputs(&self.topic)
            .iter()
            .filter(|input| !input.poison)
            .map(|input| (input.partition, input.offset))
            .collect();
        let covered = covered(&evidence.commits(&self.group, &self.topic), &good, &answers, stop);
        if covered.is_empty() {
            let seen = format!("{} processed, and no commit while it worked", count(worked, "record"));
            return Finding::new("none", required, seen, vec![]).outcome();
        }
        let mut before = 0;
        for (records, event) in &covered {
            let step = records - before;
            if step != self.every {
                let code = if step < self.every { "too-often" } else { "too-rare" };
                let seen = format!("a commit that covers {} more", count(step.max(0) as usize, "record"));
                return Finding::new(code, required, seen, vec![*event]).outcome();
            }
            before = *records;
        }
        if (worked as i64) - before >= self.every {
            let seen = format!("{} processed since the last commit", count(worked - before as usize, "record"));
            let events = covered.last().map(|(_, event)| *event).into_iter().collect();
            return Finding::new("too-rare", required, seen, events).outcome();
        }
        Outcome::Passed(format!("{}, {} records each", count(covered.len(), "commit"), self.every))
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
