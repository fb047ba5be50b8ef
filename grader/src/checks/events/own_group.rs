//! A service reads in a group of its own, and so it sees every event.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, What, about_membership};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnGroup {
    role: String,
    group: String,
}

codes! {
    Other = "other" Lost,
}

impl Check for OwnGroup {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let ours = evidence.iter().filter(|(_, event)| event.role.as_ref() == Some(&self.role));
        let joined = ours.filter_map(|(at, event)| match &event.what {
            What::Request { body, .. } => Some((at, about_membership(body)?.0)),
            _ => None,
        });
        let mut own = false;
        for (at, group) in joined {
            if group != self.group {
                let required = format!("{} reads in group “{}”, and in no other", self.role, self.group);
                let seen = format!("it joined group “{group}”");
                return Finding::new(Code::Other, required, seen, vec![at]).outcome();
            }
            own = true;
        }
        match own {
            true => Outcome::Passed(format!("{} has group “{}”", self.role, self.group)),
            false => Outcome::NoEvidence(format!("{} joined no group", self.role)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn a_role_joins_its_group_and_no_other() {
        let judged = |group: &str| {
            let check = json!({"own-group": {"role": "a", "group": group}});
            Recording::default().role("b").join(None, &[]).role("a").join(None, &[]).judged(check)
        };
        assert_eq!((judged("g"), judged("other")), ("passed".into(), "other".into()));
        let check = json!({"own-group": {"role": "a", "group": "g"}});
        assert_eq!(Recording::default().role("b").join(None, &[]).judged(check), "no evidence");
    }
}
