//! Each role is in the group that it is to be in: apart, each of them sees everything; together, they share.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Says, What, about_membership};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InGroups {
    /// Of each role, its group.
    groups: BTreeMap<String, String>,
}

codes! {
    Together = "together" Lost,
    Apart = "apart" Duplicate,
    Elsewhere = "elsewhere" Lost,
    Nowhere = "nowhere" Stuck,
}

/// A group that a role asked to be in.
struct Joined<'a> {
    group: &'a str,
    event: usize,
}

impl Check for InGroups {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let joined: BTreeMap<&str, Vec<Joined<'_>>> =
            self.groups.keys().map(|role| (role.as_str(), groups_of(evidence, role))).collect();
        if joined.values().all(Vec::is_empty) {
            return Outcome::NoEvidence("nobody asked to be in a group".into());
        }
        let required = self.groups.iter().map(|(role, group)| format!("{role} in group “{group}”"));
        let required = required.collect::<Vec<_>>().join(", ");
        let finding = |code, seen, events| Finding::new(code, &required, seen, events).outcome();
        for (role, group) in &self.groups {
            let Some(other) = joined[role.as_str()].iter().find(|joined| joined.group != group) else { continue };
            let crowd = self.groups.keys().filter(|of| *of != role).find_map(|of| {
                let same = joined[of.as_str()].iter().find(|joined| joined.group == other.group)?;
                (self.groups[of] != *group).then_some((of, same.event))
            });
            if let Some((of, event)) = crowd {
                let seen = format!("{role} and {of} both joined “{}”", other.group);
                return finding(Code::Together, seen, vec![other.event, event]);
            }
            // Whoever is to be in its group, and is not in this one.
            let alone = self.groups.iter().any(|(of, same)| {
                of != role && same == group && joined[of.as_str()].iter().any(|joined| joined.group != other.group)
            });
            let code = if alone { Code::Apart } else { Code::Elsewhere };
            return finding(code, format!("{role} joined “{}”", other.group), vec![other.event]);
        }
        match joined.iter().find(|(_, groups)| groups.is_empty()) {
            Some((role, _)) => finding(Code::Nowhere, format!("{role} joined no group"), Vec::new()),
            None => Outcome::Passed(required),
        }
    }
}

/// The groups that the role asked to be in, each with its first request.
fn groups_of<'a>(evidence: &'a Evidence, role: &str) -> Vec<Joined<'a>> {
    let mut groups: Vec<Joined<'a>> = Vec::new();
    for (event, found) in evidence.iter().filter(|(_, found)| found.role.as_deref() == Some(role)) {
        let What::Request { body, .. } = &found.what else { continue };
        if let Some((group, Says::Joins { .. } | Says::Beats { .. })) = about_membership(body)
            && groups.iter().all(|known| known.group != group)
        {
            groups.push(Joined { group, event });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{GROUP, Recording};
    use crate::wire::Request;
    use serde_json::json;

    fn judged(groups: serde_json::Value, recording: Recording) -> (String, String) {
        recording.outcome(json!({"in-groups": {"groups": groups}}))
    }

    #[test]
    fn each_role_is_in_its_own_group_or_all_are_in_one() {
        let both = || Recording::default().join(None, &[]).role("b").join(None, &[]);
        let alone = || Recording::default().join(None, &[]);
        let beats = json!({"api": "consumer_group_heartbeat", "group": "own", "member": "m", "epoch": 0,
            "rebalance_timeout_ms": 1});
        let beats: Request = serde_json::from_value(beats).expect("a request");
        let apart = || alone().role("b").request(beats.clone());
        assert_eq!(judged(json!({"a": GROUP, "b": GROUP}), both()).0, "passed");
        let (code, seen) = judged(json!({"a": GROUP, "b": "other"}), both());
        assert_eq!((code.as_str(), seen.as_str()), ("together", "b and a both joined “g”"));
        assert_eq!(judged(json!({"a": "one", "b": "other"}), both()).0, "together");
        assert_eq!(judged(json!({"a": "shared", "b": "shared"}), both()).0, "elsewhere");
        assert_eq!(judged(json!({"a": GROUP, "b": GROUP}), apart()).0, "apart");
        assert_eq!(judged(json!({"a": "one"}), alone()).0, "elsewhere");
        assert_eq!(judged(json!({"a": GROUP, "b": GROUP}), alone()).0, "nowhere");
        assert_eq!(judged(json!({"a": GROUP}), Recording::default()).0, "no evidence");
    }
}
