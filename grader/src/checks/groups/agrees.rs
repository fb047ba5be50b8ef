//! The members of a group have an assignor in common, and no two are the same static member.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Exchange, Says, What};
use crate::wire::Request;
use crate::wire::error::INCONSISTENT_GROUP_PROTOCOL;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agrees {
    group: String,
}

codes! {
    Inconsistent = "inconsistent" Stuck,
    // Two members say that they are the same static member: the later one takes the place of the other, or is refused.
    SameInstance = "same-instance" Duplicate,
}

impl Check for Agrees {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let asks = |request: &Request| matches!(request, Request::JoinGroup { group, .. } if *group == self.group);
        let mut joins: Vec<Join<'_>> = evidence.exchanges(asks).into_iter().filter_map(Join::answered).collect();
        joins.sort_by_key(|join| join.answer);
        let mut others: Option<&Join<'_>> = None;
        for join in &joins {
            match join.error {
                0 => others = Some(join),
                INCONSISTENT_GROUP_PROTOCOL => {
                    let (role, own) = (join.role, join.assignors.join(", "));
                    let there = others.map_or("something else".into(), |others| others.assignors.join(", "));
                    let seen =
                        format!("{role} offered {own}, but the members already there had {there}, so it was refused");
                    let required = "the same partition.assignment.strategy in every member";
                    let events = vec![others.map_or(join.event, |others| others.event), join.event, join.answer];
                    return Finding::new(Code::Inconsistent, required, seen, events).outcome();
                }
                _ => {}
            }
        }
        if let Some(same) = self.same_instance(evidence) {
            return same.outcome();
        }
        // In a KIP-848 group the broker assigns.
        let mut said = evidence.membership(&self.group);
        match !joins.is_empty() || said.any(|said| matches!(said.says, Says::Beats { .. })) {
            true => Outcome::Passed("the members agreed on an assignor".into()),
            false => Outcome::NoEvidence(format!("nobody joined the group “{}”", self.group)),
        }
    }
}

impl Agrees {
    /// Two processes, at work at the same time, that came with the same `group.instance.id`.
    fn same_instance(&self, evidence: &Evidence) -> Option<Finding<Code>> {
        let mut there: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        for (at, event) in evidence.iter() {
            let Some(role) = event.role.as_deref() else { continue };
            let instance = match &event.what {
                What::Exited { .. } => {
                    there.retain(|_, (of, _)| *of != role);
                    continue;
                }
                What::Request {
                    body:
                        Request::JoinGroup { group, instance, .. } | Request::ConsumerGroupHeartbeat { group, instance, .. },
                    ..
                } if *group == self.group => instance.as_deref(),
                _ => None,
            };
            let Some(instance) = instance else { continue };
            match there.get(instance) {
                Some((other, joined)) if *other != role => {
                    let required = "a group.instance.id of its own for each member, or none";
                    let seen = format!("{other} and {role} both came with the group.instance.id {instance}");
                    return Some(Finding::new(Code::SameInstance, required, seen, vec![*joined, at]));
                }
                _ => _ = there.insert(instance, (role, at)),
            }
        }
        None
    }
}

/// A JoinGroup request that was answered.
struct Join<'e> {
    event: usize,
    role: &'e str,
    assignors: &'e [String],
    /// Position of the answer.
    answer: usize,
    error: i16,
}

impl<'e> Join<'e> {
    fn answered(exchange: Exchange<'e>) -> Option<Join<'e>> {
        let (Request::JoinGroup { protocols, .. }, Some(answer)) = (exchange.request, exchange.answer) else {
            return None;
        };
        Some(Join {
            event: exchange.event,
            role: exchange.role.unwrap_or_default(),
            assignors: protocols,
            answer: answer.event,
            error: answer.body.error(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use crate::evidence::Ended;
    use serde_json::json;

    const INCONSISTENT: i16 = INCONSISTENT_GROUP_PROTOCOL;

    #[test]
    fn nobody_is_refused_for_its_assignor() {
        let check = || json!({"agrees": {"group": "g"}});
        let first = || Recording::default().join(None, &[]).joined(0).role("b").join(None, &[]);
        assert_eq!(first().joined(0).judged(check()), "passed");
        let (code, seen) = first().joined(INCONSISTENT).outcome(check());
        assert_eq!(code, "inconsistent");
        assert_eq!(seen, "b offered range, but the members already there had range, so it was refused");
        assert_eq!(Recording::default().join(None, &[]).judged(check()), "no evidence");
        let second = |recording: Recording| recording.role("b").join(Some("one"), &[]).joined(0).judged(check());
        let first = || Recording::default().join(Some("one"), &[]).joined(0);
        assert_eq!(second(first()), "same-instance");
        assert_eq!(second(first().exited(Ended::Code(0))), "passed");
    }
}
