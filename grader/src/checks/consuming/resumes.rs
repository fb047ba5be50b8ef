//! After a crash the next start goes on at the last multiple of n: nothing lost, and no more repeated than must be.

use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::{Evidence, Exit};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resumes {
    role: String,
    topic: String,
    op: String,
    id: String,
    /// So many records to a commit: what was processed after the last one comes again.
    every: usize,
}

codes! {
    Lost = "lost" Lost,
    FromStart = "from-start" Duplicate,
    TooMany = "too-many" Duplicate,
    InHand = "in-hand" Duplicate,
}

impl Check for Resumes {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let killed = evidence.endings_asked_for(&self.role).first().copied();
        let ended = |exit: &Exit<'_>| killed.is_some_and(|killed| exit.event > killed);
        let Some(Exit { event: crash, asked, .. }) = evidence.exits(&self.role).into_iter().find(ended) else {
            return Outcome::NoEvidence(format!("{} was not killed while it worked", self.role));
        };
        let (mut first, mut second) = (Vec::new(), HashSet::new());
        // What it was about when it was asked to end.
        let mut in_hand = None;
        for call in evidence.calls(&self.op) {
            let (Some(id), Some(_)) = (field(call.args, &self.id), call.done()) else { continue };
            if killed.is_some_and(|asked| call.event < asked) {
                in_hand = Some(id.clone());
            }
            if call.event < crash {
                first.push(id);
            } else {
                second.insert(id);
            }
        }
        let inputs = evidence.inputs(&self.topic);
        let put_in = inputs.iter().filter_map(|input| field(input.value.as_ref()?, &self.id));
        let before: HashSet<&String> = first.iter().collect();
        let lost: Vec<String> = put_in.filter(|id| !second.contains(id) && !before.contains(id)).collect();
        if second.is_empty() && lost.is_empty() && asked.is_some_and(|asked| !asked.kill) {
            return Outcome::Passed(format!("it had processed all {} before it ended", count(first.len(), "record")));
        }
        if second.is_empty() {
            return Outcome::NoEvidence(format!("{} processed nothing after the restart", self.role));
        }
        let may = first.len() % self.every;
        let repeated: Vec<&String> = first.iter().filter(|id| second.contains(*id)).collect();
        let required = format!(
            "a restart at {}: it was killed after {}, so {may} of them may be processed again, and nothing is lost",
            first.len() - may,
            count(first.len(), "record"),
        );
        let finding = |code, seen: String| Finding::new(code, &required, seen, vec![crash]).outcome();
        if !lost.is_empty() {
            return finding(
                Code::Lost,
                format!("{} never processed, in either run: {}", count(lost.len(), "record"), some(&lost)),
            );
        }
        if repeated.len() == first.len() && may < first.len() {
            return finding(Code::FromStart, format!("all {} were processed again", count(first.len(), "record")));
        }
        let stopped = asked.is_some_and(|asked| !asked.kill);
        if let [again] = repeated.as_slice()
            && (stopped, may) == (true, 0)
            && in_hand.as_ref() == Some(again)
        {
            let seen = format!("{again}, which was in hand when it was asked to stop, was processed again");
            return finding(Code::InHand, seen);
        }
        if repeated.len() > may {
            return finding(Code::TooMany, format!("{} processed again", count(repeated.len(), "record")));
        }
        Outcome::Passed(format!(
            "killed after {}; {} processed again, and nothing was lost",
            count(first.len(), "record"),
            count(repeated.len(), "record")
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use crate::evidence::Ended;
    use serde_json::json;

    /// Six records, of which these are processed before the crash and after it.
    fn judged(before: std::ops::Range<u32>, after: std::ops::Range<u32>) -> String {
        let call = |all: Recording, id| all.call("process", json!({"id": id}));
        let input = (0..6).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let crashed = before.fold(input.started(), call).killed().exited(Ended::Signal(9));
        let check = json!({"role": "a", "topic": "t", "op": "process", "id": "id", "every": 2});
        after.fold(crashed.started(), call).judged(json!({"resumes": check}))
    }

    #[test]
    fn it_goes_on_at_the_last_commit() {
        assert_eq!(judged(0..5, 4..6), "passed");
        assert_eq!(judged(0..4, 5..6), "lost");
        assert_eq!(judged(0..5, 0..6), "from-start");
        assert_eq!(judged(0..5, 2..6), "too-many");
        assert_eq!(judged(0..5, 0..0), "no evidence");
        assert_eq!(judged(0..6, 0..0), "no evidence", "it had no chance to show what it repeats");
    }

    #[test]
    fn what_was_in_hand_when_it_was_asked_to_stop_is_finished_and_committed() {
        let call = |all: Recording, id| all.call("process", json!({"id": id}));
        let input = (0..5).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let judged = |again| {
            let stopped = (0..3).fold(input.clone().started(), call).stopping().exited(Ended::Code(0));
            let check = json!({"role": "a", "topic": "t", "op": "process", "id": "id", "every": 1});
            (again..5).fold(stopped.started(), call).judged(json!({"resumes": check}))
        };
        assert_eq!((judged(3).as_str(), judged(2).as_str(), judged(1).as_str()), ("passed", "in-hand", "too-many"));
    }

    #[test]
    fn who_finishes_everything_before_it_stops_repeats_nothing() {
        let call = |all: Recording, id| all.call("process", json!({"id": id}));
        let input = (0..3).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let stopped = (0..3).fold(input.started().stopping(), call).exited(Ended::Code(0)).started();
        let check = json!({"role": "a", "topic": "t", "op": "process", "id": "id", "every": 1});
        assert_eq!(stopped.judged(json!({"resumes": check})), "passed");
    }
}
