//! A program that watches groups does nothing that they, or the broker, would notice.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undisturbed {
    topic: String,
    groups: Vec<String>,
}

codes! {
    // It moves the group's offsets.
    Committed = "committed" Lost,
    // It makes itself a member, and so takes partitions from those who work.
    Joined = "joined" Stuck,
    // It reads the records, all of which the broker has to send.
    Fetched = "fetched" Slow,
}

impl Check for Undisturbed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (mut committed, mut joined, mut fetched, mut asked) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (event, found) in evidence.iter() {
            let What::Request { body, .. } = &found.what else { continue };
            match body {
                Request::OffsetCommit { group, .. } | Request::TxnOffsetCommit { group, .. } if self.watches(group) => {
                    committed.push(event);
                }
                Request::JoinGroup { group, .. } | Request::ConsumerGroupHeartbeat { group, .. }
                    if self.watches(group) =>
                {
                    joined.push(event);
                }
                Request::Fetch { partitions, .. } if partitions.iter().any(|from| from.topic == self.topic) => {
                    fetched.push(event);
                }
                Request::OffsetFetch { .. } | Request::ListOffsets { .. } => asked += 1,
                _ => {}
            }
        }
        let found = [
            (Code::Committed, committed, "no commit in the name of a group that is watched", "OffsetCommit"),
            (Code::Joined, joined, "no membership in a group that is watched", "JoinGroup or ConsumerGroupHeartbeat"),
            (Code::Fetched, fetched, "questions about offsets, and no records", "Fetch"),
        ];
        let finding = |(code, events, required, what): (Code, Vec<usize>, &str, &str)| {
            let seen = format!("{} of {what}", count(events.len(), "request"));
            (!events.is_empty()).then(|| Finding::new(code, required, seen, events))
        };
        let findings: Vec<Finding<Code>> = found.into_iter().filter_map(finding).collect();
        if findings.is_empty() && asked == 0 {
            return Outcome::NoEvidence("the program asked Kafka for no offset".into());
        }
        Outcome::unless_found(findings, || format!("{} about offsets, and nothing else", count(asked, "question")))
    }
}

impl Undisturbed {
    fn watches(&self, group: &str) -> bool {
        self.groups.iter().any(|watched| watched == group)
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{GROUP, Recording, TOPIC};
    use serde_json::json;

    #[test]
    fn questions_about_offsets_disturb_nobody() {
        let watched = || json!({"undisturbed": {"topic": TOPIC, "groups": [GROUP]}});
        let other = || json!({"undisturbed": {"topic": "another", "groups": ["another"]}});
        let asked = || Recording::default().begins(0, 3);
        assert_eq!(asked().judged(watched()), "passed");
        assert_eq!(asked().commit(&[(0, 4)]).judged(watched()), "committed");
        assert_eq!(asked().join(None, &[]).judged(watched()), "joined");
        assert_eq!(asked().fetch(0, 0).judged(watched()), "fetched");
        assert_eq!(asked().commit(&[(0, 4)]).join(None, &[]).fetch(0, 0).judged(other()), "passed");
        assert_eq!(Recording::default().judged(watched()), "no evidence");
    }
}
