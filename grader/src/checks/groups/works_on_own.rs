//! A member works on what is its own: no call for a record of a partition that it has given up.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Evidence, Held};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorksOnOwn {
    group: String,
    topic: String,
    op: String,
    id: String,
}

codes! {
    AfterRevocation = "after-revocation",
    NeverOwned = "never-owned",
}

impl Check for WorksOnOwn {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let holdings = evidence.holdings(&self.group, &self.topic);
        let inputs = evidence.inputs(&self.topic);
        let places: HashMap<String, i32> = inputs
            .iter()
            .filter_map(|input| Some((field(input.value.as_ref()?, &self.id)?, input.partition)))
            .collect();
        let (mut own, mut late) = (0, Vec::new());
        let required = "calls only for records of partitions that the member holds";
        for call in evidence.calls(&self.op) {
            let role = call.role.unwrap_or_default();
            let Some(partition) = field(call.args, &self.id).and_then(|id| places.get(&id)) else { continue };
            if holdings.holds(role, *partition, call.event) {
                own += 1;
            } else if let Some(held) = holdings.last_given(role, *partition, call.event) {
                late.push(Late { event: call.event, role, held });
            } else {
                let seen = format!("{role} worked on partition {partition}, which the group had not given to it");
                return Finding::new(Code::NeverOwned, required, seen, vec![call.event]).outcome();
            }
        }
        if let Some(Late { event, role, held }) = late.first() {
            let seen = format!(
                "{role} worked on {} after it had given up their partition, {} first",
                count(late.len(), "record"),
                held.partition
            );
            let events = held.to.into_iter().chain([*event]).collect();
            return Finding::new(Code::AfterRevocation, required, seen, events).outcome();
        }
        match (own, holdings.as_slice().iter().any(Held::was_planned)) {
            (0, _) => Outcome::NoEvidence("no record was processed".into()),
            (_, false) => Outcome::NoEvidence("no partition was ever given up".into()),
            (own, true) => Outcome::Passed(format!("all {} were for partitions in hand", count(own, "call"))),
        }
    }
}

/// A call about a record of a partition that its role held no longer.
struct Late<'a> {
    event: usize,
    role: &'a str,
    held: &'a Held,
}
