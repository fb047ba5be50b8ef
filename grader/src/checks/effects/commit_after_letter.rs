//! The offset of a record that was set aside is committed only once its letter is acknowledged.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, What};
use crate::wire::{Data, Request, Response};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitAfterLetter {
    group: String,
    /// Where the records come from, and where the letters go.
    from: String,
    topic: String,
}

codes! {
    CommitFirst = "commit-first",
}

impl Check for CommitAfterLetter {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let commits = evidence.commits(&self.group, &self.from);
        let inputs = evidence.inputs(&self.from);
        let mut judged = 0;
        for (event, request) in evidence.produces(&self.topic) {
            let Request::Produce { acks, batches, .. } = request else { continue };
            let acknowledged = evidence.response(event).and_then(|(at, _, answer)| match answer {
                Response::Produce { partitions, .. } if partitions.iter().all(|answer| answer.error == 0) => Some(at),
                _ => None,
            });
            for record in batches.iter().filter(|batch| batch.topic == self.topic).flat_map(|batch| &batch.records) {
                let bytes = |value: &Option<Data>| value.as_ref().map(|value| value.as_bytes().to_vec());
                let Some(input) = inputs.iter().find(
                    |input| matches!(input.record, What::Input { value, .. } if bytes(value) == bytes(&record.value)),
                ) else {
                    continue;
                };
                judged += 1;
                let covers = |commit: &&crate::evidence::Commit| {
                    commit.partition == input.partition && commit.offset > input.offset
                };
                let Some(first) = commits.iter().find(covers) else { continue };
                if acknowledged.is_none_or(|acknowledged| first.event < acknowledged)
                    && !taken_before(evidence, self, record, first.event)
                {
                    let required = "first the letter is acknowledged, then the offset of its record is committed";
                    let mut seen = format!("{}[{}]@{} was committed before", self.from, input.partition, input.offset);
                    if *acks == 0 {
                        seen.push_str(", and its letter asked for no acknowledgement (acks=0)");
                    }
                    return Finding::new(Code::CommitFirst, required, seen, vec![first.event, event]).outcome();
                }
            }
        }
        match judged {
            0 => Outcome::NoEvidence(format!("nothing of {} was sent to {}", self.from, self.topic)),
            n => {
                Outcome::Passed(format!("{} acknowledged before its record's offset was committed", count(n, "letter")))
            }
        }
    }
}

/// Had the same letter been acknowledged before `at`? A later copy of it, sent after a crash, needs to wait for nothing.
fn taken_before(evidence: &Evidence, check: &CommitAfterLetter, record: &crate::wire::Record, at: usize) -> bool {
    evidence.stored(&check.topic).iter().any(|stored| {
        stored.record.value == record.value && evidence.response(stored.event).is_some_and(|(answer, ..)| answer < at)
    })
}
