//! What a service passes over is behind it: the offset moves past events that are not for it, too.

use super::happened::happened;
use crate::checks::{Check, Finding, Gathered, Outcome, codes, count, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassedBy {
    topic: String,
    /// The type of the events that are for these groups.
    event_type: String,
    groups: Vec<String>,
}

codes! {
    Left = "left" Duplicate,
}

impl Check for PassedBy {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        // Of each partition: what lies behind its last event that is for somebody, from where on, and up to where.
        let mut behind: BTreeMap<i32, (i64, i64, usize)> = BTreeMap::new();
        for input in evidence.inputs(&self.topic) {
            let partition = behind.entry(input.partition).or_default();
            *partition = (partition.0, input.offset + 1, input.event);
        }
        for event in happened(evidence, &self.topic, &self.event_type) {
            let partition = behind.entry(event.partition).or_default();
            partition.0 = partition.0.max(event.offset + 1);
        }
        behind.retain(|_, (from, end, _)| from < end);
        if behind.is_empty() {
            return Outcome::NoEvidence(format!("each partition of “{}” ended with a {}", self.topic, self.event_type));
        }
        let mut found = Gathered::default();
        let mut passed = 0;
        for group in &self.groups {
            let commits = evidence.commits(group, &self.topic);
            if commits.as_slice().is_empty() {
                continue;
            }
            for (partition, (from, end, event)) in &behind {
                let ours = commits.as_slice().iter().filter(|commit| commit.partition == *partition);
                // Where it did not come so far, it is something else that is wrong.
                match ours.map(|commit| commit.offset).max().unwrap_or_default() {
                    offset if offset >= *end => passed += 1,
                    offset if offset >= *from => {
                        let place = format!("{}[{partition}]@{offset} of {group}", self.topic);
                        found.add(Code::Left, place, Some(*event));
                    }
                    _ => {}
                }
            }
        }
        let required = "the offset moves past what is not for the service, as past everything else";
        let findings = found.findings(|code, seen| {
            let words = format!("committed is only {}, and what lies behind that is not for it", some(&seen.words));
            Finding::new(code, required, words, seen.events.into_iter().take(3).collect())
        });
        if findings.is_empty() && passed < self.groups.len() * behind.len() {
            return Outcome::NoEvidence("not every group came to the events that it is to pass over".into());
        }
        Outcome::unless_found(findings, || {
            format!("{} passed over what is not for them", count(self.groups.len(), "group"))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    fn check() -> Value {
        json!({"passed-by": {"topic": "t", "event_type": "order.placed", "groups": ["g"]}})
    }

    #[test]
    fn what_is_passed_over_is_committed_too() {
        let event = |of: &str, id: &str| json!({"event_type": of, "event_id": id, "data": {}});
        let placed = || Recording::default().input(0, event("order.placed", "a"));
        let stranger = || placed().input(0, event("order.rated", "b"));
        assert_eq!(stranger().commit(&[(0, 2)]).judged(check()), "passed");
        assert_eq!(stranger().commit(&[(0, 1)]).judged(check()), "left");
        assert_eq!(stranger().judged(check()), "no evidence", "it did not come so far");
        assert_eq!(placed().commit(&[(0, 1)]).judged(check()), "no evidence", "there was nothing to pass over");
        let alone = || Recording::default().input(0, event("order.rated", "b"));
        assert_eq!(
            (alone().commit(&[(0, 1)]).judged(check()), alone().judged(check())),
            ("passed".into(), "no evidence".into())
        );
    }
}
