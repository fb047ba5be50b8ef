//! A member works on what is its own: no call for a record of a partition that it has given up.

use crate::checks::{Check, Finding, Outcome, codes, count, field, places};
use crate::evidence::{Evidence, Held};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorksOnOwn {
    group: String,
    topic: String,
    op: String,
    id: String,
}

codes! {
    AfterRevocation = "after-revocation" Duplicate,
    NeverOwned = "never-owned" Duplicate,
}

impl Check for WorksOnOwn {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let holdings = evidence.holdings(&self.group, &self.topic);
        let places = places(&evidence.inputs(&self.topic), &self.id);
        let (mut own, mut late) = (0, Vec::new());
        let required = "calls only for records of partitions that the member holds";
        for call in evidence.calls(&self.op) {
            let role = call.role.unwrap_or_default();
            let Some(place) = field(call.args, &self.id).and_then(|id| places.get(&id)) else { continue };
            let partition = place.partition;
            if holdings.holds(role, partition, call.event) {
                own += 1;
            } else if let Some(held) = holdings.last_given(role, partition, call.event) {
                late.push(Late { event: call.event, role, held });
            } else {
                let seen = format!("{role} worked on partition {partition}, which the group had not assigned to it");
                return Finding::new(Code::NeverOwned, required, seen, vec![call.event]).outcome();
            }
        }
        if let Some(Late { event, role, held }) = late.first() {
            let seen = format!(
                "{role} worked on {} after it had given up their partitions (partition {} first)",
                count(late.len(), "record"),
                held.partition
            );
            let events = held.to.into_iter().chain([*event]).collect();
            return Finding::new(Code::AfterRevocation, required, seen, events).outcome();
        }
        match (own, holdings.as_slice().iter().any(Held::was_planned)) {
            (0, _) => Outcome::NoEvidence("no record was processed".into()),
            (_, false) => Outcome::NoEvidence("no partition was ever given up".into()),
            (own, true) => Outcome::Passed(format!(
                "all {} were for records of partitions that the member held",
                count(own, "call")
            )),
        }
    }
}

/// A call about a record of a partition that its role held no longer.
struct Late<'a> {
    event: usize,
    role: &'a str,
    held: &'a Held,
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn a_member_works_on_what_it_holds() {
        let check = || json!({"works-on-own": {"group": "g", "topic": "t", "op": "process", "id": "id"}});
        let member = || Recording::default().input(0, json!({"id": 1})).assigned(&[0]);
        let works = |recording: Recording| recording.call("process", json!({"id": 1}));
        let given_up = || works(member()).join(None, &[]);
        assert_eq!(given_up().judged(check()), "passed");
        assert_eq!(works(given_up()).judged(check()), "after-revocation");
        assert_eq!(works(given_up().role("b")).judged(check()), "never-owned");
        assert_eq!(works(member()).judged(check()), "no evidence");
        assert_eq!(member().join(None, &[]).judged(check()), "no evidence");
    }
}
