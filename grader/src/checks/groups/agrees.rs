//! The members of a classic group have an assignor in common.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, What};
use crate::wire::error::INCONSISTENT_GROUP_PROTOCOL;
use crate::wire::{Request, Response};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agrees {
    group: String,
}

codes! {
    Inconsistent = "inconsistent",
}

impl Check for Agrees {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (mut joined, mut others) = (false, None);
        for (at, event) in evidence.iter() {
            match &event.what {
                What::Request { body: Request::ConsumerGroupHeartbeat { group, .. }, .. } => {
                    joined |= *group == self.group; // here the broker assigns
                }
                What::Response { to, body: Response::JoinGroup { error, .. }, .. } => {
                    let asked = evidence.events.get(*to).map(|event| &event.what);
                    let Some(What::Request { body: Request::JoinGroup { group, protocols, .. }, .. }) = asked else {
                        continue;
                    };
                    if *group != self.group {
                        continue;
                    }
                    joined = true;
                    match *error {
                        0 => others = Some((*to, protocols.join(", "))),
                        INCONSISTENT_GROUP_PROTOCOL => {
                            let role = event.role.as_deref().unwrap_or_default();
                            let (first, there) = others.unwrap_or((*to, "something else".into()));
                            let seen = format!(
                                "{role} came with {}, and the members there had {there}: it was refused",
                                protocols.join(", ")
                            );
                            let required = "the same partition.assignment.strategy in every member";
                            return Finding::new(Code::Inconsistent, required, seen, vec![first, *to, at]).outcome();
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        match joined {
            true => Outcome::Passed("the members agreed on how to share".into()),
            false => Outcome::NoEvidence(format!("nobody joined the group “{}”", self.group)),
        }
    }
}
