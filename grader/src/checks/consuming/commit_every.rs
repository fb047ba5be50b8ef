//! A commit after every n processed records.
//!
//! Judged by what the commits *say*, not by when they arrive: an asynchronous commit may reach the broker after later
//! work. What a commit covers are the good records before the committed offsets; poison counts for nothing.

use crate::checks::{Check, Finding, Outcome, codes, count, only, some};
use crate::evidence::{Call, Commit, Evidence, canonical};
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
    /// So many records to a commit; or as many as one call had, where a call hands on a list (`op[]`).
    every: i64,
}

codes! {
    None = "none" Duplicate,
    TooOften = "too-often" Slow,
    TooRare = "too-rare" Duplicate,
    PartitionMissing = "partition-missing" Duplicate,
}

impl Check for CommitEvery {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let calls = evidence.calls_by(Some(&self.role), &self.op);
        let mut answers: Vec<usize> = calls.iter().filter_map(|call| Some(call.answer?.event)).collect();
        answers.sort_unstable();
        let stop = evidence.endings_asked_for(&self.role).first().copied();
        // A commit behind which no work comes may be the last one of a program that ends by itself.
        let over = answers.last().copied().unwrap_or_default();
        let worked = answers.iter().filter(|at| stop.is_none_or(|stop| **at < stop)).count();
        if (worked as i64) < self.every * 2 {
            return Outcome::NoEvidence(format!("{} processed before the end", only(worked, "record")));
        }
        let required = format!("a commit after every {} records", self.every);
        let commits = evidence.commits(&self.group, &self.topic);
        let mut covered = Covered::new(evidence, &self.topic, (&answers, self.every));
        let requests = commits.by_request().take_while(|request| stop.is_none_or(|stop| request[0].event < stop));
        requests.for_each(|request| covered.request(request));
        let steps = covered.steps;
        if steps.is_empty() {
            let seen = format!("{} processed, and no commit while it worked", count(worked, "record"));
            return Finding::new(Code::None, required, seen, vec![]).outcome();
        }
        let mut before = 0;
        let lists = self.lists(&calls);
        for Step { records, event, .. } in &steps {
            let step = records - before;
            if step != self.every && !lists.contains(&(before, *records)) {
                let left_out = self.left_out(evidence, &calls, &answers, commits.as_slice(), *event);
                let partitions = left_out.partitions;
                if step < self.every && !partitions.is_empty() && step + partitions.len() as i64 >= self.every {
                    let lacking: BTreeSet<&i32> = partitions.iter().collect();
                    let seen = format!(
                        "a commit for partition {} alone: it leaves out {} of partition {} that had been processed by then",
                        some(&left_out.named),
                        count(partitions.len(), "record"),
                        some(&lacking.into_iter().collect::<Vec<_>>()),
                    );
                    return Finding::new(Code::PartitionMissing, required, seen, vec![*event]).outcome();
                }
                if step < self.every && *event > over {
                    break;
                }
                let records = count(step.max(0) as usize, "record");
                let (code, seen) = match step < self.every {
                    true => (Code::TooOften, format!("a commit after only {records} more")),
                    false => (Code::TooRare, format!("a commit that covers {records} more")),
                };
                return Finding::new(code, required, seen, vec![*event]).outcome();
            }
            before = *records;
        }
        if (worked as i64) - before >= self.every {
            let seen = format!("{} processed since the last commit", count(worked - before as usize, "record"));
            let events = steps.last().map(|step| step.event).into_iter().collect();
            return Finding::new(Code::TooRare, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{}, {} records each", count(steps.len(), "commit"), self.every))
    }
}

/// A commit that does not name every partition.
struct LeftOut {
    /// The partitions that it names.
    named: Vec<i32>,
    /// The partition of each record that was processed before it and that no commit covers, because its partition is
    /// not among those.
    partitions: Vec<i32>,
}

impl CommitEvery {
    /// How many records had been processed before and after each list that was handed on in one call: one that was not
    /// full is committed as it is.
    fn lists(&self, calls: &[Call<'_>]) -> HashSet<(i64, i64)> {
        let mut done = 0;
        let lists = calls.chunk_by(|a, b| a.event == b.event).filter(|_| self.op.ends_with("[]"));
        let processed = lists.filter(|list| list[0].done().is_some());
        let ends = processed.map(|list| {
            let before = done;
            done += list.len() as i64;
            (before, done)
        });
        ends.collect()
    }

    /// What the commit at `event` leaves out.
    fn left_out(
        &self,
        evidence: &Evidence,
        calls: &[Call<'_>],
        answers: &[usize],
        commits: &[Commit],
        event: usize,
    ) -> LeftOut {
        // A request for each partition is one commit, when no work lies between them.
        let so_far = commits.iter().filter(|commit| commit.event <= event || !any_in(answers, event, commit.event));
        let (mut committed, mut named) = (HashMap::new(), BTreeSet::new());
        for commit in so_far {
            committed.insert(commit.partition, commit.offset);
            if commit.event >= event {
                named.insert(commit.partition);
            }
        }
        let done = calls.iter().filter(|call| call.done().is_some_and(|at| at < event));
        let done: HashSet<String> = done.map(|call| canonical(call.args)).collect();
        let inputs = evidence.inputs(&self.topic);
        let partitions = inputs
            .iter()
            .filter(|input| !named.contains(&input.partition))
            .filter(|input| input.offset >= committed.get(&input.partition).copied().unwrap_or(0))
            .filter(|input| input.value.as_ref().is_some_and(|value| done.contains(&canonical(value))))
            .map(|input| input.partition)
            .collect();
        LeftOut { named: named.into_iter().collect(), partitions }
    }
}

/// Is one of these positions, which are in order, in the range?
fn any_in(positions: &[usize], from: usize, to: usize) -> bool {
    positions.get(positions.partition_point(|at| *at < from)).is_some_and(|at| *at < to)
}

/// How many records a commit covers in all, and where its request is.
struct Step {
    records: i64,
    event: usize,
    /// The partitions that it names.
    partitions: HashSet<i32>,
    /// It covers as many more as the one before as it should.
    complete: bool,
}

/// What the commits cover, one after the other.
struct Covered<'e> {
    /// Offsets of the good records of each partition, in order.
    good: HashMap<i32, Vec<i64>>,
    /// Where calls were answered, in order.
    answers: &'e [usize],
    every: i64,
    /// Of each partition, how many records lie before the committed offset; and of all.
    by_partition: HashMap<i32, i64>,
    sum: i64,
    /// Repetitions left out.
    steps: Vec<Step>,
}

impl<'e> Covered<'e> {
    fn new(evidence: &Evidence, topic: &str, (answers, every): (&'e [usize], i64)) -> Covered<'e> {
        let mut good: HashMap<i32, Vec<i64>> = HashMap::new();
        for input in evidence.inputs(topic).iter().filter(|input| !input.poison) {
            good.entry(input.partition).or_default().push(input.offset);
        }
        good.values_mut().for_each(|offsets| offsets.sort_unstable());
        Covered { good, answers, every, by_partition: HashMap::new(), sum: 0, steps: Vec::new() }
    }

    fn request(&mut self, request: &[Commit]) {
        let event = request[0].event;
        for commit in request {
            let offsets = self.good.get(&commit.partition).map(Vec::as_slice).unwrap_or_default();
            let now = offsets.partition_point(|offset| *offset < commit.offset) as i64;
            self.sum += now - self.by_partition.insert(commit.partition, now).unwrap_or_default();
        }
        let (records, every) = (self.sum, self.every);
        let partitions: HashSet<i32> = request.iter().map(|commit| commit.partition).collect();
        let before = self.steps.iter().rev().nth(1).map_or(0, |step| step.records);
        match self.steps.last_mut() {
            Some(step) if step.records == records => {}
            // One request for each partition is as good as one for all, when no work lies between them. Who commits
            // the same partition once more commits later work: asynchronous commits may come one upon the other.
            Some(step)
                if !step.complete
                    && step.partitions.is_disjoint(&partitions)
                    && !any_in(self.answers, step.event, event) =>
            {
                step.records = records;
                step.partitions.extend(partitions);
                step.complete = records - before == every;
            }
            None if records == 0 => {}
            last => {
                let complete = records - last.map_or(0, |step| step.records) == every;
                self.steps.push(Step { records, event, partitions, complete });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    fn check() -> Value {
        json!({"commit-every": {"role": "a", "group": "g", "topic": "t", "op": "process", "every": 2}})
    }

    /// Input of two partitions, record by record; of these the first so many are processed, and then committed.
    fn worked(steps: &[(usize, &[(i32, i64)])]) -> Recording {
        let value = |id: usize| json!({"id": id});
        let mut recording = (0..12).fold(Recording::default(), |all, id| all.input((id % 2) as i32, value(id)));
        let mut done = 0;
        for (records, commit) in steps {
            recording = (done..done + records).fold(recording, |all, id| all.call("process", value(id)));
            done += records;
            recording = if commit.is_empty() { recording } else { recording.commit(commit) };
        }
        recording
    }

    #[test]
    fn a_commit_covers_as_many_records_as_it_should() {
        assert_eq!(worked(&[(2, &[(0, 1), (1, 1)]), (2, &[(0, 2), (1, 2)])]).judged(check()), "passed");
        assert_eq!(worked(&[(4, &[])]).judged(check()), "none");
        assert_eq!(worked(&[(2, &[(0, 1), (1, 1)]), (1, &[(0, 2)]), (1, &[])]).judged(check()), "too-often");
        assert_eq!(worked(&[(4, &[(0, 2), (1, 2)])]).judged(check()), "too-rare");
        assert_eq!(worked(&[(2, &[(0, 1), (1, 1)]), (2, &[])]).judged(check()), "too-rare");
        assert_eq!(worked(&[(4, &[(0, 1)])]).judged(check()), "partition-missing");
        assert_eq!(worked(&[(3, &[])]).judged(check()), "no evidence");
    }

    #[test]
    fn a_list_that_was_not_full_is_committed_as_it_is() {
        let value = |id: usize| json!({"id": id});
        let judged = |commits: &[&[(i32, i64)]]| {
            let input = (0..12).fold(Recording::default(), |all, id| all.input(0, value(id)));
            let call = |all: Recording, ids: std::ops::Range<usize>| all.call("process", ids.map(value).collect());
            let first = call(input, 0..3).commit(commits[0]);
            let rest = call(first, 3..5).commit(commits[1]);
            let check = json!({"role": "a", "group": "g", "topic": "t", "op": "process[]", "every": 2});
            call(rest, 5..6).stopping().judged(json!({"commit-every": check}))
        };
        assert_eq!(judged(&[&[(0, 3)], &[(0, 5)]]), "passed");
        assert_eq!(judged(&[&[(0, 1)], &[(0, 5)]]), "too-often");
        assert_eq!(judged(&[&[(0, 5)], &[(0, 5)]]), "too-rare");
    }

    #[test]
    fn a_commit_behind_all_work_is_no_further_step() {
        let worked = worked(&[(2, &[(0, 1), (1, 1)]), (2, &[(0, 2), (1, 2)]), (1, &[(0, 3)])]);
        assert_eq!(worked.judged(check()), "passed");
    }

    #[test]
    fn one_request_for_each_partition_is_one_commit_and_a_late_one_does_not_count() {
        let apart = worked(&[(2, &[(0, 1)]), (0, &[(1, 1)]), (2, &[(0, 2)]), (0, &[(1, 2)])]);
        assert_eq!(apart.judged(check()), "passed");
        let burst = worked(&[(4, &[(0, 1), (1, 1)]), (0, &[(0, 2), (1, 2)])]);
        assert_eq!(burst.judged(check()), "passed");
        let burst_of_parts = worked(&[(4, &[(0, 1)]), (0, &[(1, 1)]), (0, &[(0, 2)]), (0, &[(1, 2)])]);
        assert_eq!(burst_of_parts.judged(check()), "passed");
        let burst_of_each = worked(&[(4, &[(0, 1)]), (0, &[(1, 1)]), (0, &[(0, 2)]), (1, &[(0, 3)])]);
        assert_eq!(burst_of_each.judged(check()), "partition-missing");
        let late = worked(&[(2, &[(0, 1), (1, 1)]), (2, &[(0, 2), (1, 2)])]).stopping().commit(&[(0, 3)]);
        assert_eq!(late.judged(check()), "passed");
    }
}
