//! A member that stops says goodbye, so that the group need not wait for its session to time out.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaves {
    role: String,
    group: String,
}

codes! {
    Stayed = "stayed",
    Static = "static",
}

impl Check for Leaves {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let Some(stop) = evidence.endings_asked_for(&self.role).last().copied() else {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        };
        let (mut joined, mut left, mut instance) = (None, None, None);
        for (at, event) in evidence.iter().filter(|(_, event)| event.role.as_deref() == Some(&self.role)) {
            let What::Request { body, .. } = &event.what else { continue };
            match body {
                Request::JoinGroup { group, instance: name, .. } if *group == self.group => {
                    joined = Some(at);
                    instance = name.clone();
                }
                Request::LeaveGroup { group, .. } if *group == self.group && at > stop => left = Some(at),
                // KIP-848: one request for everything; epoch -1 leaves, -2 is how a static member says that it comes back.
                Request::ConsumerGroupHeartbeat { group, epoch: -2, .. } if *group == self.group => {
                    instance = instance.or(Some("…".to_owned()));
                }
                Request::ConsumerGroupHeartbeat { group, epoch, .. } if *group == self.group => {
                    if *epoch < 0 && at > stop { left = Some(at) } else { joined = Some(at) }
                }
                _ => {}
            }
        }
        match (joined, left) {
            (None, _) => Outcome::NoEvidence(format!("{} never joined the group “{}”", self.role, self.group)),
            (_, Some(_)) => Outcome::Passed("it left the group when asked to stop".into()),
            (_, None) => {
                let (code, seen) = match instance {
                    None => (Code::Stayed, "it ended without a word to the group".to_owned()),
                    Some(_) => (
                        Code::Static,
                        "a static member (group.instance.id is set): it keeps its partitions when it stops, and never leaves"
                            .to_owned(),
                    ),
                };
                let exits = evidence.exits(&self.role).iter().map(|exit| exit.event).collect();
                Finding::new(code, "LeaveGroup after SIGTERM", seen, exits).outcome()
            }
        }
    }
}
