//! A member that stops says goodbye, so that the group need not wait for its session to time out.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Says};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaves {
    role: String,
    group: String,
}

codes! {
    Stayed = "stayed" Stuck,
    Static = "static" Stuck,
}

impl Check for Leaves {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let Some(stop) = evidence.endings_asked_for(&self.role).last().copied() else {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        };
        let (mut joined, mut left, mut is_static) = (false, false, false);
        for said in evidence.membership(&self.group).filter(|said| said.role == self.role) {
            match said.says {
                Says::Joins { instance, .. } => (joined, is_static) = (true, instance.is_some()),
                Says::Beats { .. } => joined = true,
                Says::Leaves { for_a_while: true, .. } => is_static = true,
                Says::Leaves { .. } => left |= said.event > stop,
            }
        }
        match (joined, left) {
            (false, _) => Outcome::NoEvidence(format!("{} never joined the group “{}”", self.role, self.group)),
            (true, true) => Outcome::Passed("it left the group when asked to stop".into()),
            (true, false) => {
                let (code, seen) = match is_static {
                    false => (Code::Stayed, "it ended without a word to the group".to_owned()),
                    true => (
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

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use crate::evidence::Ended;
    use serde_json::json;

    #[test]
    fn a_member_that_stops_leaves() {
        let check = || json!({"leaves": {"role": "a", "group": "g"}});
        let member = |instance| Recording::default().join(instance, &[]).stopping();
        assert_eq!(member(None).leave().exited(Ended::Code(0)).judged(check()), "passed");
        assert_eq!(member(None).exited(Ended::Code(0)).judged(check()), "stayed");
        assert_eq!(member(Some("one")).exited(Ended::Code(0)).judged(check()), "static");
        assert_eq!(Recording::default().join(None, &[]).judged(check()), "no evidence");
        assert_eq!(Recording::default().stopping().judged(check()), "no evidence");
    }
}
