//! The offset of a record that was set aside is committed only once its letter is acknowledged.

use super::origins::{Origins, bytes};
use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Produce, ProduceAnswer};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitAfterLetter {
    group: String,
    /// Where the records come from, and where the letters go.
    from: String,
    topic: String,
    /// Letters about records that have been in this topic are not about the ones in `from` any more.
    via: Option<String>,
}

codes! {
    CommitFirst = "commit-first" Lost,
}

impl Check for CommitAfterLetter {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let commits = evidence.commits(&self.group, &self.from);
        let inputs = evidence.contents(&self.from);
        let origins = Origins::new(&inputs);
        let between = self.via.as_ref().map(|via| evidence.contents(via)).unwrap_or_default();
        let between: HashSet<&[u8]> = between.iter().map(|record| bytes(record.data)).collect();
        let produces = evidence.produces(&self.topic);
        let taken = self.first_taken(evidence, &produces, &origins);
        let mut judged = 0;
        for produce in &produces {
            let all_taken = |answer: &ProduceAnswer<'_>| answer.partitions.iter().all(|answer| answer.error == 0);
            let acknowledged = produce.answer.filter(all_taken).map(|answer| answer.event);
            for record in produce.records_for(&self.topic) {
                if between.contains(bytes(record.value.as_ref())) {
                    continue;
                }
                let Some(input) = origins.before(record, produce.event) else { continue };
                judged += 1;
                let Some(first) = commits.first_beyond(input.partition, input.offset) else { continue };
                let before = |at: &usize| *at < first.event;
                // A later copy of a letter, sent after a crash, needs to wait for nothing.
                if acknowledged.is_none_or(|at| !before(&at)) && !taken.get(&input.event).is_some_and(before) {
                    let required = "first the letter is acknowledged, then the offset of its record is committed";
                    let mut seen = format!("{}[{}]@{} was committed before", self.from, input.partition, input.offset);
                    if produce.acks == 0 {
                        seen.push_str(", and its letter asked for no acknowledgement (acks=0)");
                    }
                    let events = vec![first.event, produce.event];
                    return Finding::new(Code::CommitFirst, required, seen, events).outcome();
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

impl CommitAfterLetter {
    /// Where the first letter about each record, by that record's event, was acknowledged.
    fn first_taken(
        &self,
        evidence: &Evidence,
        produces: &[Produce<'_>],
        origins: &Origins<'_, '_>,
    ) -> HashMap<usize, usize> {
        let answers = produces.iter().filter_map(|produce| Some((produce.event, produce.answer?.event)));
        let answers: HashMap<usize, usize> = answers.collect();
        let mut taken: HashMap<usize, usize> = HashMap::new();
        for stored in evidence.stored(&self.topic) {
            let Some(answer) = answers.get(&stored.event) else { continue };
            let Some(input) = origins.before(stored.record, stored.event) else { continue };
            let first = taken.entry(input.event).or_insert(*answer);
            *first = (*first).min(*answer);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::json;

    fn check() -> serde_json::Value {
        json!({"commit-after-letter": {"group": "g", "from": "t", "topic": "dlq"}})
    }

    fn letter() -> Vec<Batch> {
        vec![Batch { topic: "dlq".into(), ..batch(0, vec![record("k", &json!({"id": 1}))]) }]
    }

    #[test]
    fn a_letter_is_acknowledged_before_its_record_is_done_with() {
        let input = || Recording::default().input(0, json!({"id": 1}));
        assert_eq!(input().produce(letter()).commit(&[(0, 1)]).judged(check()), "passed");
        assert_eq!(input().produce(letter()).judged(check()), "passed", "nothing is committed");
        assert_eq!(input().commit(&[(0, 1)]).produce(letter()).judged(check()), "commit-first");
        assert_eq!(input().send(-1, letter()).commit(&[(0, 1)]).judged(check()), "commit-first");
        let (_, seen) = input().send(0, letter()).commit(&[(0, 1)]).outcome(check());
        assert!(seen.ends_with("its letter asked for no acknowledgement (acks=0)"), "{seen}");
        assert_eq!(input().commit(&[(0, 1)]).judged(check()), "no evidence");
    }

    #[test]
    fn a_later_copy_needs_to_wait_for_nothing() {
        let taken = Recording::default().input(0, json!({"id": 1})).produce(letter()).commit(&[(0, 1)]);
        assert_eq!(taken.produce(letter()).judged(check()), "passed");
    }

    #[test]
    fn a_record_that_the_program_put_there_itself_is_one_as_well() {
        // From “t” to “between”, and from there to “dlq”: each commit waits for the hop behind its record.
        let hop = |topic: &str| vec![Batch { topic: topic.into(), ..batch(0, vec![record("k", &json!({"id": 1}))]) }];
        let check = |from: &str, topic: &str| json!({"commit-after-letter": {"group": "g", "from": from, "topic": topic, "via": "between"}});
        let put_off = || Recording::default().input(0, json!({"id": 1})).produce(hop("between")).commit(&[(0, 1)]);
        let via = |recording: Recording| {
            recording.judged(json!({"commit-after-letter": {"group": "g", "from": "between", "topic": "dlq"}}))
        };
        assert_eq!(put_off().produce(hop("dlq")).judged(check("t", "dlq")), "no evidence", "it came from between");
        assert_eq!(via(put_off().produce(hop("dlq")).commit_in("between", &[(0, 1)])), "passed");
        assert_eq!(via(put_off().commit_in("between", &[(0, 1)]).produce(hop("dlq"))), "commit-first");
        // A letter about another record of “t”, whose place there is that of the one in “between”.
        let mut other = record("k", &json!({"id": 2}));
        for (name, place) in [("original_partition", "0"), ("original_offset", "0")] {
            other.headers.push((name.into(), Some(place.into())));
        }
        let letter = vec![Batch { topic: "dlq".into(), ..batch(0, vec![other]) }];
        assert_eq!(via(put_off().commit_in("between", &[(0, 1)]).produce(letter)), "no evidence");
    }
}
