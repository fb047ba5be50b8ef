//! A member works on what is its own: no call for a record of a partition that it has given up.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::Evidence;
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
        let held = evidence.ownership(&self.group, &self.topic);
        let inputs = evidence.inputs(&self.topic);
        let places: HashMap<String, i32> = inputs
            .iter()
            .filter_map(|input| Some((field(input.value.as_ref()?, &self.id)?, input.partition)))
            .collect();
        let (mut own, mut late) = (0, Vec::new());
        let required = "calls only for records of partitions that the member holds";
        for call in evidence.calls(&self.op) {
            let role = evidence.events.get(call.event).and_then(|event| event.role.as_deref()).unwrap_or_default();
            let Some(partition) = field(call.args, &self.id).and_then(|id| places.get(&id)) else { continue };
            let mut of_role = held.iter().filter(|held| held.role == role && held.partition == *partition);
            if of_role.clone().any(|held| held.lasts_at(call.event)) {
                own += 1;
            } else if let Some(held) = of_role.rfind(|held| held.to.is_some_and(|to| to < call.event)) {
                late.push((call.event, role, held));
            } else {
                let seen = format!("{role} worked on partition {partition}, which the group had not given to it");
                return Finding::new(Code::NeverOwned, required, seen, vec![call.event]).outcome();
            }
        }
        if let Some((at, role, held)) = late.first() {
            let seen = format!(
                "{role} worked on {} after it had given up their partition, {} first",
                count(late.len(), "record"),
                held.partition
            );
            let events = held.to.into_iter().chain([*at]).collect();
            return Finding::new(Code::AfterRevocation, required, seen, events).outcome();
        }
        match (own, held.iter().any(|held| held.was_planned())) {
            (0, _) => Outcome::NoEvidence("no record was processed".into()),
            (_, false) => Outcome::NoEvidence("no partition was ever given up".into()),
            (own, true) => Outcome::Passed(format!("all {} were for partitions in hand", count(own, "call"))),
        }
    }
}
