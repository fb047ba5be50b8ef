//! A member stays in its group until it is asked to stop.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaysMember {
    role: String,
    group: String,
}

codes! {
    ThrownOut = "thrown-out",
    Left = "left",
    Closed = "closed",
}

impl Check for StaysMember {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (mut joined, mut asked, mut working) = (None, false, None);
        // The `max.poll.interval.ms` of librdkafka and Java, as JoinGroup carries it.
        let mut limit = None;
        for (at, event) in evidence.iter().filter(|(_, event)| event.role.as_deref() == Some(&self.role)) {
            let left = match &event.what {
                What::Started { .. } => {
                    (asked, working) = (false, None);
                    false
                }
                What::Stopping | What::Killed => {
                    asked = true;
                    false
                }
                What::Call { .. } => {
                    working = Some(at);
                    false
                }
                What::Answer { .. } => {
                    working = None;
                    false
                }
                What::Request { body: Request::JoinGroup { group, rebalance_timeout_ms, .. }, .. }
                    if *group == self.group =>
                {
                    (joined, limit) = (Some(at), Some(*rebalance_timeout_ms));
                    false
                }
                What::Request { body: Request::LeaveGroup { group, .. }, .. } => *group == self.group,
                What::Request {
                    body: Request::ConsumerGroupHeartbeat { group, epoch, rebalance_timeout_ms, .. },
                    ..
                } if *group == self.group => {
                    if *rebalance_timeout_ms > 0 {
                        limit = Some(*rebalance_timeout_ms);
                    }
                    joined = joined.or(Some(at));
                    *epoch < 0
                }
                _ => false,
            };
            if left && !asked && !evidence.gave_up_before(at) {
                let required = "a member that stays in its group until it is asked to stop";
                let Some(call) = working else {
                    let (code, how) = match ends_with(evidence, at) {
                        true => (Code::Closed, "closed its consumer, and so left the group"),
                        false => (Code::Left, "left the group"),
                    };
                    return Finding::new(code, required, format!("{} {how} by itself", self.role), vec![at]).outcome();
                };
                let limit = limit.map_or(String::new(), |ms| format!(" (its max.poll.interval.ms is {ms})"));
                let seen = format!(
                    "{} was put out of the group by its own client in the middle of its work: it had not polled for too \
                     long{limit}",
                    self.role
                );
                return Finding::new(Code::ThrownOut, required, seen, vec![call, at]).outcome();
            }
        }
        match joined {
            None => Outcome::NoEvidence(format!("{} never joined the group “{}”", self.role, self.group)),
            Some(_) => Outcome::Passed(format!("{} stayed until it was asked to stop", self.role)),
        }
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
