//! On shutdown, what was processed is committed: the next start repeats nothing.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Ended, Evidence, Exit};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinalCommit {
    role: String,
    group: String,
    topic: String,
    op: String,
    id: String,
    /// The program had time enough to come past the poison at the end of a partition, too.
    #[serde(default)]
    past_poison: bool,
}

codes! {
    Missing = "missing" Duplicate,
    OffByOne = "off-by-one" Duplicate,
    Ahead = "ahead" Lost,
    PastEnd = "past-end" Lost,
    PoisonLeft = "poison-left" Duplicate,
    InHand = "in-hand" Duplicate,
}

/// A partition where less is committed than was processed.
#[derive(Clone, Copy)]
struct Short {
    partition: i32,
    committed: i64,
    /// The offset after the last processed record.
    next: i64,
}

impl Check for FinalCommit {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        if evidence.endings_asked_for(&self.role).is_empty() {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        }
        let killed = |exit: &Exit<'_>| *exit.how == Ended::Signal(9) && exit.asked.is_some_and(|asked| !asked.kill);
        if evidence.exits(&self.role).last().is_some_and(killed) {
            return Outcome::NoEvidence("it did not end when it was asked to, so it came to no last commit".into());
        }
        let calls = evidence.calls_by(Some(&self.role), &self.op);
        let calls = calls.iter().filter(|call| call.done().is_some());
        let calls: Vec<(usize, String)> =
            calls.filter_map(|call| Some((call.event, field(call.args, &self.id)?))).collect();
        let done: HashSet<&String> = calls.iter().map(|(_, id)| id).collect();
        let mut next: BTreeMap<i32, i64> = BTreeMap::new();
        let inputs = evidence.inputs(&self.topic);
        for input in &inputs {
            let id = input.value.as_ref().and_then(|value| field(value, &self.id));
            if id.is_some_and(|id| done.contains(&id)) {
                let end = next.entry(input.partition).or_default();
                *end = (*end).max(input.offset.saturating_add(1));
            }
        }
        if next.is_empty() {
            return Outcome::NoEvidence("nothing was processed".into());
        }
        let commits = evidence.commits(&self.group, &self.topic);
        let commits = commits.as_slice();
        let committed: BTreeMap<i32, i64> = commits.iter().map(|commit| (commit.partition, commit.offset)).collect();
        // Poison right behind the last processed record may be passed.
        let mut ends = next.clone();
        for poison in inputs.iter().filter(|input| input.poison) {
            let end = ends.entry(poison.partition).or_default();
            *end = end.saturating_add(i64::from(poison.offset == *end));
        }
        let end = |partition: i32| ends.get(&partition).copied().unwrap_or(0);
        for (partition, committed) in &committed {
            let end = end(*partition);
            if *committed > end {
                let required = format!("partition {partition} committed up to {end}, the end of what was processed");
                let log_end =
                    inputs.iter().filter(|input| input.partition == *partition).map(|input| input.offset).max();
                let log_end = log_end.map_or(0, |last| last.saturating_add(1));
                let (code, seen) = match *committed > log_end {
                    true => (Code::PastEnd, format!("committed up to {committed}, and the log ends at {log_end}")),
                    false => (Code::Ahead, format!("committed up to {committed}")),
                };
                let events = commits.iter().rfind(|commit| commit.partition == *partition).map(|commit| commit.event);
                return Finding::new(code, required, seen, events.into_iter().collect()).outcome();
            }
        }
        let short: Vec<Short> = next
            .iter()
            .map(|(&partition, &next)| {
                let committed = committed.get(&partition).copied().unwrap_or(0);
                Short { partition, committed, next }
            })
            .filter(|short| short.committed < short.next)
            .collect();
        let left = inputs.iter().filter(|input| input.poison && self.past_poison).find(|input| {
            let committed = committed.get(&input.partition).copied().unwrap_or(0);
            committed <= input.offset && input.offset < end(input.partition)
        });
        if let (Some(poison), true) = (left, short.is_empty()) {
            let (partition, offset) = (poison.partition, poison.offset);
            let required = format!("partition {partition} committed up to {}, past what was skipped", end(partition));
            let seen = format!("the record at offset {offset}, which is not JSON, is read again after each start");
            return Finding::new(Code::PoisonLeft, required, seen, vec![poison.event]).outcome();
        }
        let Some(Short { partition, committed: offset, next: end }) = short.first().copied() else {
            return Outcome::Passed(format!("everything is committed, in {}", count(next.len(), "partition")));
        };
        let events = commits.last().map(|commit| commit.event).into_iter().collect();
        let required =
            format!("partition {partition} committed up to {end}, the offset after the last processed record");
        let all_one_short = short.len() == next.len() && short.iter().all(|short| short.committed + 1 == short.next);
        if all_one_short && !commits.is_empty() {
            let seen = format!(
                "partition {partition} committed up to {offset}, the offset of the last processed record itself, and likewise every partition"
            );
            return Finding::new(Code::OffByOne, required, seen, events).outcome();
        }
        let open = short.iter().map(|short| short.next.saturating_sub(short.committed)).fold(0, i64::saturating_add);
        // What it was about when it was asked to stop, with a last commit that leaves out just that.
        let asked = evidence.endings_asked_for(&self.role).last().copied();
        let in_hand = asked.and_then(|asked| calls.iter().rfind(|(call, _)| *call < asked));
        let stopped = commits.last().is_some_and(|commit| asked.is_some_and(|asked| commit.event > asked));
        if let (1, true, Some((_, id))) = (open, stopped, in_hand)
            && inputs.iter().any(|input| {
                (input.partition, input.offset + 1) == (partition, end)
                    && input.value.as_ref().and_then(|value| field(value, &self.id)).as_ref() == Some(id)
            })
        {
            let seen = format!("committed up to {offset}: not {id}, which was in hand when it was asked to stop");
            return Finding::new(Code::InHand, required, seen, events).outcome();
        }
        let seen = format!("committed up to {offset}; {} will be processed again", count(open as usize, "record"));
        Finding::new(Code::Missing, required, seen, events).outcome()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    /// Two records and poison in each of two partitions; all records are processed, and this is committed at the end.
    fn committed(past_poison: bool, offsets: &[(i32, i64)]) -> String {
        let mut recording = Recording::default();
        for id in 0..4 {
            recording = recording.input(id % 2, json!({"id": id})).call("process", json!({"id": id}));
        }
        recording = recording.poison(0).poison(1).stopping();
        recording = if offsets.is_empty() { recording } else { recording.commit(offsets) };
        let check =
            json!({"role": "a", "group": "g", "topic": "t", "op": "process", "id": "id", "past_poison": past_poison});
        recording.judged(json!({"final-commit": check}))
    }

    #[test]
    fn what_was_processed_is_committed_and_nothing_else() {
        assert_eq!(committed(false, &[(0, 2), (1, 3)]), "passed");
        assert_eq!(committed(false, &[]), "missing");
        assert_eq!(committed(false, &[(0, 2)]), "missing");
        assert_eq!(committed(false, &[(0, i64::MIN), (1, i64::MIN)]), "missing");
        assert_eq!(committed(false, &[(0, 1), (1, 1)]), "off-by-one");
        assert_eq!(committed(false, &[(0, 2), (1, 4)]), "past-end");
        assert_eq!(committed(true, &[(0, 2), (1, 3)]), "poison-left");
        assert_eq!(committed(true, &[(0, 3), (1, 3)]), "passed");
    }

    #[test]
    fn what_was_in_hand_when_it_was_asked_to_stop_is_committed() {
        let call = |all: Recording, id| all.input(id % 2, json!({"id": id})).call("process", json!({"id": id}));
        let worked = || (0..4).fold(Recording::default(), call);
        let check = || json!({"final-commit": {"role": "a", "group": "g", "topic": "t", "op": "process", "id": "id"}});
        assert_eq!(worked().stopping().commit(&[(0, 2), (1, 1)]).judged(check()), "in-hand");
        assert_eq!(worked().commit(&[(0, 2), (1, 1)]).stopping().judged(check()), "missing");
        assert_eq!(worked().stopping().commit(&[(0, 1), (1, 2)]).judged(check()), "missing");
    }

    #[test]
    fn what_was_not_processed_is_not_committed() {
        let check = || json!({"final-commit": {"role": "a", "group": "g", "topic": "t", "op": "process", "id": "id"}});
        let worked = Recording::default().input(0, json!({"id": 1})).input(0, json!({"id": 2}));
        let worked = worked.call("process", json!({"id": 1})).stopping();
        assert_eq!(worked.clone().commit(&[(0, 2)]).judged(check()), "ahead");
        assert_eq!(worked.commit(&[(0, 3)]).judged(check()), "past-end");
    }

    #[test]
    fn without_work_or_an_end_there_is_nothing_to_judge() {
        let check = || json!({"final-commit": {"role": "a", "group": "g", "topic": "t", "op": "process", "id": "id"}});
        let worked = Recording::default().input(0, json!({"id": 1})).call("process", json!({"id": 1}));
        assert_eq!(worked.judged(check()), "no evidence");
        assert_eq!(Recording::default().input(0, json!({"id": 1})).stopping().judged(check()), "no evidence");
        let worked = || Recording::default().input(0, json!({"id": 1})).call("process", json!({"id": 1})).stopping();
        assert_eq!(worked().exited(Ended::Signal(9)).judged(check()), "no evidence");
        assert_eq!(worked().exited(Ended::Signal(15)).judged(check()), "missing");
    }
}
