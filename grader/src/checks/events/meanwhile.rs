//! While one service waits for the outside world, another gets on to the end of the topic.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meanwhile {
    /// Whose call takes long.
    role: String,
    op: String,
    /// Who gets on meanwhile.
    group: String,
    topic: String,
}

codes! {
    Waits = "waits" Slow,
}

impl Check for Meanwhile {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let end = evidence.events.len();
        let calls = evidence.calls(&self.op).into_iter().filter(|call| call.role == Some(&self.role));
        let spans = calls.map(|call| (call.event, call.answer.map_or(end, |answer| answer.event)));
        let Some((begin, end)) = spans.max_by_key(|(begin, end)| end - begin) else {
            return Outcome::NoEvidence(format!("{} made no call “{}” that could be held up", self.role, self.op));
        };
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for input in evidence.inputs(&self.topic).iter().filter(|input| input.event < end) {
            ends.insert(input.partition, input.offset + 1);
        }
        let commits = evidence.commits(&self.group, &self.topic);
        let left: i64 = ends
            .iter()
            .map(|(partition, end_of_partition)| {
                let before = commits.as_slice().iter().filter(|commit| commit.event < end);
                let offsets = before.filter(|commit| commit.partition == *partition).map(|commit| commit.offset);
                end_of_partition - offsets.max().unwrap_or_default()
            })
            .sum();
        if left <= 0 {
            return Outcome::Passed(format!("“{}” committed everything while {} waited", self.group, self.role));
        }
        // A busy machine: it was at work when the call was answered, so it did not wait for that.
        let middle = u64::midpoint(evidence.at(begin), evidence.at(end));
        if commits.as_slice().iter().any(|commit| commit.event < end && evidence.at(commit.event) > middle) {
            return Outcome::Passed(format!("“{}” went on while {} waited", self.group, self.role));
        }
        let required = format!("“{}” gets on while a call of {} is in hand", self.group, self.role);
        let left = count(usize::try_from(left).unwrap_or_default(), "record");
        let seen = format!("“{}” had {left} left when the call “{}” was answered", self.group, self.op);
        Finding::new(Code::Waits, required, seen, vec![begin]).outcome()
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn the_group_comes_to_the_end_before_the_call_is_answered() {
        let check = || json!({"meanwhile": {"role": "slow", "op": "mail", "group": "g", "topic": "t"}});
        let waiting = || {
            let input = Recording::default().input(0, json!({"n": 1})).input(0, json!({"n": 2}));
            input.role("slow").ask("mail", json!({})).role("a")
        };
        assert_eq!(waiting().commit(&[(0, 2)]).role("slow").reply(true).judged(check()), "passed");
        let half = |before: u64, behind: u64| {
            let on = waiting().pause(before).commit(&[(0, 1)]).pause(behind);
            on.role("slow").reply(true).judged(check())
        };
        assert_eq!([half(10, 90), half(90, 10)], ["waits", "passed"], "at work until it was answered");
        assert_eq!(waiting().role("slow").reply(true).role("a").commit(&[(0, 2)]).judged(check()), "waits");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }
}
