//! The program does not end before the broker has answered for every record.

use crate::checks::{Check, Finding, Outcome, codes, count, field, given};
use crate::evidence::{Evidence, Exit};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flushed {
    role: String,
    topic: String,
    id: String,
}

codes! {
    LeftBehind = "left-behind",
}

impl Check for Flushed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given = given(evidence, &self.id);
        let Some(Exit { event: exit, .. }) = evidence.exits(&self.role).first().copied() else {
            return Outcome::NoEvidence(format!("{} did not end", self.role));
        };
        let mut answered = HashSet::new();
        for (event, request) in evidence.produces(&self.topic) {
            let Request::Produce { batches, acks, .. } = request else { continue };
            let in_time = evidence.response(event).map_or(*acks == 0, |(at, ..)| at < exit);
            if in_time && event < exit {
                let values = batches.iter().flat_map(|batch| &batch.records).filter_map(|record| record.value.as_ref());
                answered.extend(values.filter_map(|value| field(&value.json()?, &self.id)));
            }
        }
        let open = given.keys().filter(|id| !answered.contains(*id)).count();
        if open > 0 {
            let required = "an answer for every record before the program ends";
            let seen = format!("it ended while {} had no answer yet", count(open, "record"));
            return Finding::new(Code::LeftBehind, required, seen, vec![exit]).outcome();
        }
        Outcome::Passed(format!("all {} were answered before it ended", count(answered.len(), "record")))
    }
}
