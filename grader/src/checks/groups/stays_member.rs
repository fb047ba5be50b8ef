//! A member stays in its group until it is asked to stop.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Says, What};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaysMember {
    role: String,
    group: String,
}

codes! {
    ThrownOut = "thrown-out" Duplicate,
    Left = "left" Duplicate,
    Closed = "closed" Slow,
}

impl Check for StaysMember {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let gave_up = evidence.gave_up();
        let mut said = evidence.membership(&self.group).filter(|said| said.role == self.role).peekable();
        let (mut joined, mut asked, mut working) = (false, false, None);
        // The `max.poll.interval.ms` of librdkafka and Java, as JoinGroup carries it.
        let mut limit = None;
        for (at, event) in evidence.iter().filter(|(_, event)| event.role.as_deref() == Some(&self.role)) {
            match &event.what {
                What::Started { .. } => (asked, working) = (false, None),
                What::Stopping | What::Killed => asked = true,
                What::Call { .. } => working = Some(at),
                What::Answer { .. } => working = None,
                _ => {}
            }
            match said.next_if(|said| said.event == at).map(|said| said.says) {
                Some(Says::Joins { max_poll_interval_ms, .. }) => (joined, limit) = (true, Some(max_poll_interval_ms)),
                Some(Says::Beats { max_poll_interval_ms, .. }) => {
                    (joined, limit) = (true, max_poll_interval_ms.or(limit));
                }
                Some(Says::Leaves { .. }) if !asked && gave_up.is_none_or(|gave_up| at < gave_up) => {
                    return self.left(evidence, at, working, limit).outcome();
                }
                _ => {}
            }
        }
        match joined {
            false => Outcome::NoEvidence(format!("“{}” never joined the group “{}”", self.role, self.group)),
            true => Outcome::Passed(format!("“{}” stayed until it was asked to stop", self.role)),
        }
    }
}

impl StaysMember {
    /// It left by the request at `at`, during the call at `working` if there is one.
    fn left(&self, evidence: &Evidence, at: usize, working: Option<usize>, limit: Option<i32>) -> Finding<Code> {
        let required = "a member that stays in its group until it is asked to stop";
        let Some(call) = working else {
            let (code, how) = match ends_with(evidence, at) {
                true => (Code::Closed, "closed its consumer, and so left the group"),
                false => (Code::Left, "left the group"),
            };
            return Finding::new(code, required, format!("“{}” {how} by itself", self.role), vec![at]);
        };
        let limit = limit.map_or(String::new(), |ms| format!(" (its max.poll.interval.ms is {ms})"));
        let seen = format!(
            "“{}” was taken out of the group by its own client in the middle of its work: it had gone too \
             long without polling{limit}",
            self.role
        );
        Finding::new(Code::ThrownOut, required, seen, vec![call, at])
    }
}

/// Was the request at `at` the last on its connection? A client that leaves because nobody polls goes on living.
fn ends_with(evidence: &Evidence, at: usize) -> bool {
    let conn = |event: &What| match event {
        What::Request { conn, .. } | What::Disconnected { conn } => Some(*conn),
        _ => None,
    };
    let ours = evidence.events.get(at).and_then(|event| conn(&event.what));
    let next = evidence.events.iter().skip(at + 1).find(|event| ours.is_some() && conn(&event.what) == ours);
    next.is_some_and(|next| matches!(next.what, What::Disconnected { .. }))
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn a_member_leaves_only_when_asked() {
        let check = || json!({"stays-member": {"role": "a", "group": "g"}});
        let member = || Recording::default().started().join(None, &[]);
        assert_eq!(member().judged(check()), "passed");
        assert_eq!(member().stopping().leave().judged(check()), "passed");
        assert_eq!(member().gave_up().leave().judged(check()), "passed");
        assert_eq!(member().leave().join(None, &[]).judged(check()), "left");
        assert_eq!(member().leave().disconnected().judged(check()), "closed");
        let (code, seen) = member().ask("process", json!({})).leave().outcome(check());
        assert_eq!((code.as_str(), seen.contains("max.poll.interval.ms is 5")), ("thrown-out", true), "{seen}");
        assert_eq!(Recording::default().started().judged(check()), "no evidence");
    }
}
