//! What the events of a run say of its consumer groups, under the names that the exercise knows.

use crate::evidence::{Event, What};
use crate::wire::{Committed, Offset, PartitionError, Produced, Request, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// Where the groups' coordinator is, as the broker last told a client: `host:port`.
pub(super) fn coordinator(events: &[Arc<Event>]) -> Option<String> {
    events.iter().rev().find_map(|event| match &event.what {
        What::Response { body: Response::FindCoordinator { coordinators }, .. } => {
            let found = coordinators.iter().find(|found| found.error == 0)?;
            Some(format!("{}:{}", found.host, found.port))
        }
        _ => None,
    })
}

/// Has the group committed, since it was last reset, up to the last record of the topic, whoever has put it there?
pub(super) fn all_committed(group: &str, topic: &str) -> impl FnMut(&[Arc<Event>]) -> bool + use<> {
    let mut so_far = SoFar { group: group.to_owned(), topic: topic.to_owned(), ..SoFar::default() };
    let mut seen = 0;
    move |events| {
        for event in events.get(seen..).unwrap_or_default() {
            match &event.what {
                What::Input { topic, partition, offset, .. } if *topic == so_far.topic => {
                    so_far.ends.insert(*partition, offset.saturating_add(1));
                }
                What::Reset { group } if *group == so_far.group => so_far.positions.clear(),
                What::Response { to, body, .. } => {
                    if let Some(What::Request { body: asked, .. }) = events.get(*to).map(|event| &event.what) {
                        so_far.answered(asked, body);
                    }
                }
                _ => {}
            }
        }
        seen = events.len();
        so_far.is_all()
    }
}

/// How far a topic goes, and how far a group has come in it, by partition.
#[derive(Default)]
struct SoFar {
    group: String,
    topic: String,
    ends: HashMap<i32, i64>,
    positions: HashMap<i32, i64>,
    /// Of each producer, the offsets that it has sent in the transaction that is open.
    pending: HashMap<i64, Vec<(i32, i64)>>,
}

impl SoFar {
    fn is_all(&self) -> bool {
        let reached = |(partition, end): (&i32, &i64)| self.positions.get(partition).is_some_and(|at| at >= end);
        self.ends.iter().all(reached)
    }

    fn answered(&mut self, asked: &Request, answer: &Response) {
        match (asked, answer) {
            (Request::Produce { batches, .. }, Response::Produce { partitions }) => {
                for batch in batches.iter().filter(|batch| batch.topic == self.topic) {
                    let about =
                        |answer: &&Produced| (&answer.topic, answer.partition) == (&batch.topic, batch.partition);
                    let stored = partitions.iter().find(about).filter(|answer| answer.error == 0);
                    let Some(base) = stored.map(|answer| answer.base_offset) else { continue };
                    let end = self.ends.entry(batch.partition).or_default();
                    *end = (*end).max(base.saturating_add(batch.records.len() as i64));
                }
            }
            (Request::OffsetCommit { group, offsets, .. }, Response::OffsetCommit { partitions }) => {
                let taken = self.taken(group, offsets, partitions);
                self.positions.extend(taken);
            }
            (
                Request::TxnOffsetCommit { group, offsets, producer_id, .. },
                Response::TxnOffsetCommit { partitions },
            ) => {
                let taken = self.taken(group, offsets, partitions);
                self.pending.entry(*producer_id).or_default().extend(taken);
            }
            // Whatever the producer, or the one before it, has left open is aborted.
            (_, Response::InitProducerId { error: 0, producer_id, .. }) => _ = self.pending.remove(producer_id),
            (Request::EndTxn { producer_id, committed, .. }, Response::EndTxn { error: 0 }) => {
                let offsets = self.pending.remove(producer_id).unwrap_or_default();
                self.positions.extend(offsets.into_iter().filter(|_| *committed));
            }
            // A commit that was under way when its program was killed may have arrived: the next start is told.
            (Request::OffsetFetch { group, .. }, Response::OffsetFetch { error: 0, offsets }) => {
                let ours = |told: &&Committed| *group == self.group && told.topic == self.topic && told.error == 0;
                self.positions.extend(offsets.iter().filter(ours).map(|told| (told.partition, told.offset)));
            }
            _ => {}
        }
    }

    /// The offsets for this group and topic that the coordinator has taken.
    fn taken(&self, group: &str, offsets: &[Offset], answers: &[PartitionError]) -> Vec<(i32, i64)> {
        let taken = |at: i32| answers.iter().any(|answer| answer.partition == at && answer.error == 0);
        let ours = |at: &&Offset| group == self.group && at.topic == self.topic && taken(at.partition);
        offsets.iter().filter(ours).map(|at| (at.partition, at.offset)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request(body: Value) -> Value {
        json!({"at": 0, "event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body})
    }

    fn answer(to: usize, body: Value) -> Value {
        json!({"at": 0, "event": "response", "conn": 1, "to": to, "by": "broker", "body": body})
    }

    #[test]
    fn a_commit_whose_answer_nobody_saw_is_known_by_what_the_next_start_is_told() {
        let input = json!({"at": 0, "event": "input", "topic": "t", "partition": 0, "offset": 4, "poison": false});
        let offset = |offset: i64| json!([{"topic": "t", "partition": 0, "offset": offset, "error": 0}]);
        let commit =
            json!({"api": "offset_commit", "group": "g", "generation": 1, "member": "m", "offsets": offset(5)});
        let fetch = json!({"api": "offset_fetch", "group": "g", "partitions": [{"topic": "t", "partition": 0}]});
        let told = |of: i64| answer(2, json!({"api": "offset_fetch", "error": 0, "offsets": offset(of)}));
        let events = |last: &[Value]| -> Vec<Arc<Event>> {
            let all = [&[input.clone(), request(commit.clone()), request(fetch.clone())], last].concat();
            all.into_iter().map(|event| Arc::new(serde_json::from_value(event).expect("an event"))).collect()
        };
        let committed = |last: &[Value]| all_committed("g", "t")(&events(last));
        assert!(!committed(&[]), "nobody knows whether it arrived");
        assert!(!committed(&[told(-1)]) && !committed(&[told(4)]), "it did not");
        assert!(committed(&[told(5)]));
        assert!(committed(&[answer(
            1,
            json!({"api": "offset_commit", "partitions": [{"topic": "t", "partition": 0, "error": 0}]})
        )]));
    }
}
