//! What the cluster refuses for the moment is sent again, until it is taken or the time is up.

use super::fate::id_of;
use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::{By, Evidence, stored_by};
use crate::wire::error_name;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retried {
    topic: String,
    id: String,
    /// Only what was refused with this error.
    error: i16,
    /// The call by which the program says what became of a record.
    op: String,
    /// What is not taken in the end has been tried for so many milliseconds, from the first refusal in its partition (what
    /// waits behind that in the client is as old) until the program has said so, or to its last one where it says nothing.
    least_ms: u64,
}

codes! {
    // Refused once, and not sent again; nor is any other.
    Once = "once" Lost,
    // Sent again, and given up long before the time was up.
    TooSoon = "too-soon" Lost,
}

/// The refusals of one record.
#[derive(Default)]
struct Tries {
    /// Positions of the answers that refused it.
    refused: Vec<usize>,
    /// How often it was sent.
    sent: usize,
    taken: bool,
    /// Position of the call that says what became of it.
    told: Option<usize>,
    /// Position of the first answer that refused any record of its partition.
    begun: Option<usize>,
}

impl Check for Retried {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let tries = self.tries(evidence);
        let name = error_name(self.error);
        let refused: Vec<(&String, &Tries)> = tries.iter().filter(|(_, tries)| !tries.refused.is_empty()).collect();
        if refused.is_empty() {
            return Outcome::NoEvidence(format!("no record was refused with {name}"));
        }
        let none_again = refused.iter().all(|(_, tries)| tries.sent == 1);
        let lasted = |tries: &Tries| {
            let at = |position: Option<&usize>| position.map_or(0, |position| evidence.events[*position].at);
            at(tries.refused.last().max(tries.told.as_ref())).saturating_sub(at(tries.begun.as_ref())) / 1000
        };
        let left = refused.iter().filter(|(_, tries)| !tries.taken);
        let mut gathered: BTreeMap<Code, Vec<&(&String, &Tries)>> = BTreeMap::new();
        for record in left {
            let code = match record.1.sent {
                1 if none_again => Code::Once,
                _ if lasted(record.1) < self.least_ms => Code::TooSoon,
                _ => continue,
            };
            gathered.entry(code).or_default().push(record);
        }
        let findings = gathered.into_iter().map(|(code, records)| {
            let ids: Vec<&String> = records.iter().map(|(id, _)| *id).collect();
            let (many, which) = (count(ids.len(), "record"), some(&ids));
            let required = format!("{name} passes: the record is sent again until it is taken, or the time is up");
            let longest = records.iter().map(|(_, tries)| lasted(tries)).max().unwrap_or_default();
            let seen = match code {
                Code::Once => format!("{many} refused once with {name}, and not sent again: {which}"),
                Code::TooSoon => format!("{many} given up after {longest} ms of {name}: {which}"),
            };
            let events = records.first().map(|(_, tries)| tries.refused.iter().take(2).copied().collect());
            Finding::new(code, required, seen, events.unwrap_or_default())
        });
        Outcome::unless_found(findings.collect(), || {
            let taken = refused.iter().filter(|(_, tries)| tries.taken).count();
            let many = count(refused.len(), "record");
            format!("{many} refused with {name} and sent again: {taken} taken in the end, the rest given up in time")
        })
    }
}

impl Retried {
    fn tries(&self, evidence: &Evidence) -> BTreeMap<String, Tries> {
        let mut all: BTreeMap<String, Tries> = BTreeMap::new();
        let mut begun: BTreeMap<i32, usize> = BTreeMap::new();
        for produce in evidence.produces(&self.topic) {
            for batch in produce.batches_for(&self.topic) {
                let answer = produce.answer.filter(|answer| answer.by == By::Broker);
                let about =
                    answer.and_then(|answer| Some((answer.event, answer.about(&self.topic, batch.partition)?.error)));
                if let Some((event, _)) = about.filter(|(_, error)| *error == self.error) {
                    begun.entry(batch.partition).or_insert(event);
                }
                for id in batch.records.iter().filter_map(|record| id_of(record, &self.id)) {
                    let tries = all.entry(id).or_default();
                    tries.sent += 1;
                    tries.begun = begun.get(&batch.partition).copied();
                    match about {
                        Some((_, error)) if stored_by(error) => tries.taken = true,
                        Some((event, error)) if error == self.error => tries.refused.push(event),
                        _ => {}
                    }
                }
            }
        }
        for call in evidence.calls(&self.op) {
            if let Some(tries) = field(call.args, &self.id).and_then(|id| all.get_mut(&id)) {
                tries.told = tries.told.or(Some(call.event));
            }
        }
        all
    }
}

/// Errors of Produce that pass by themselves: the leader moves, replicas come back, a node restarts.
pub(super) fn is_retriable(error: i16) -> bool {
    // UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT, NETWORK_EXCEPTION,
    // NOT_ENOUGH_REPLICAS and …_AFTER_APPEND, KAFKA_STORAGE_ERROR, FENCED_ and UNKNOWN_LEADER_EPOCH
    matches!(error, 3 | 5 | 6 | 7 | 13 | 19 | 20 | 56 | 74 | 75)
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    #[test]
    fn what_is_refused_for_the_moment_is_sent_again() {
        let send = |recording: Recording| recording.send(-1, vec![batch(0, vec![record("k", &json!({"id": 1}))])]);
        let judged = |recording: Recording| {
            recording
                .judged(json!({"retried": {"topic": "t", "id": "id", "error": 19, "op": "said", "least_ms": 1000}}))
        };
        let refused = |recording| send(recording).acknowledge(19);
        let once = || refused(Recording::default());
        assert_eq!(judged(once()), "once");
        assert_eq!(judged(refused(once())), "too-soon");
        assert_eq!(judged(refused(once().pause(1100))), "passed");
        let says = |recording: Recording| recording.call("said", json!({"id": 1}));
        assert_eq!(judged(says(refused(once()))), "too-soon");
        assert_eq!(judged(says(refused(once()).pause(1100))), "passed", "the next pause would have been too long");
        let other = |recording: Recording| recording.send(-1, vec![batch(0, vec![record("k", &json!({"id": 2}))])]);
        assert_eq!(judged(other(refused(once())).acknowledge(19)), "too-soon", "one is sent again, one is not");
        let behind = other(refused(once()).pause(1100)).acknowledge(19).call("said", json!({"id": 2}));
        assert_eq!(judged(says(behind)), "passed", "it waited behind the other, and its time was up, too");
        assert_eq!(judged(send(once()).acknowledge(0)), "passed");
        assert_eq!(judged(send(Recording::default()).acknowledge(6)), "no evidence");
    }
}
