//! What the events of a run say of its consumer groups, under the names that the exercise knows.

use crate::evidence::{Event, What};
use crate::wire::{Produced, Request, Response};
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
    let (group, topic) = (group.to_owned(), topic.to_owned());
    let (mut ends, mut positions): (HashMap<i32, i64>, HashMap<i32, i64>) = (HashMap::new(), HashMap::new());
    // Of each producer, the offsets that it has sent in the transaction that is open.
    let mut pending: HashMap<i64, Vec<(i32, i64)>> = HashMap::new();
    let mut seen = 0;
    move |events| {
        for event in events.get(seen..).unwrap_or_default() {
            match &event.what {
                What::Response { to, body: Response::TxnOffsetCommit { partitions }, .. } => {
                    let Some(What::Request {
                        body: Request::TxnOffsetCommit { group: of, offsets, producer_id, .. },
                        ..
                    }) = events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    let taken = |partition: i32| {
                        partitions.iter().any(|answer| answer.partition == partition && answer.error == 0)
                    };
                    let offsets = offsets
                        .iter()
                        .filter(|offset| *of == group && offset.topic == topic && taken(offset.partition));
                    let offsets = offsets.map(|offset| (offset.partition, offset.offset));
                    pending.entry(*producer_id).or_default().extend(offsets);
                }
                // Whatever the producer, or the one before it, has left open is aborted.
                What::Response { body: Response::InitProducerId { error: 0, producer_id, .. }, .. } => {
                    pending.remove(producer_id);
                }
                What::Response { to, body: Response::EndTxn { error: 0 }, .. } => {
                    let Some(What::Request { body: Request::EndTxn { producer_id, committed, .. }, .. }) =
                        events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    let offsets = pending.remove(producer_id).unwrap_or_default();
                    positions.extend(offsets.into_iter().filter(|_| *committed));
                }
                What::Input { topic: of, partition, offset, .. } if *of == topic => {
                    ends.insert(*partition, offset.saturating_add(1));
                }
                What::Response { to, body: Response::Produce { partitions }, .. } => {
                    let Some(What::Request { body: Request::Produce { batches, .. }, .. }) =
                        events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    for batch in batches.iter().filter(|batch| batch.topic == topic) {
                        let about = |answer: &&Produced| (&answer.topic, answer.partition) == (&topic, batch.partition);
                        let stored = partitions.iter().find(about).filter(|answer| answer.error == 0);
                        let Some(base) = stored.map(|answer| answer.base_offset) else { continue };
                        let end = ends.entry(batch.partition).or_default();
                        *end = (*end).max(base.saturating_add(batch.records.len() as i64));
                    }
                }
                What::Reset { group: of } if *of == group => positions.clear(),
                What::Response { to, body: Response::OffsetCommit { partitions }, .. } => {
                    let Some(What::Request { body: Request::OffsetCommit { group: of, offsets, .. }, .. }) =
                        events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    let taken = |partition: i32| {
                        partitions.iter().any(|answer| answer.partition == partition && answer.error == 0)
                    };
                    let offsets = offsets
                        .iter()
                        .filter(|offset| *of == group && offset.topic == topic && taken(offset.partition));
                    positions.extend(offsets.map(|offset| (offset.partition, offset.offset)));
                }
                // A commit that was under way when its program was killed may have arrived: the next start is told.
                What::Response { to, body: Response::OffsetFetch { error: 0, offsets }, .. } => {
                    let Some(What::Request { body: Request::OffsetFetch { group: of, .. }, .. }) =
                        events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    let told = offsets.iter().filter(|told| *of == group && told.topic == topic && told.error == 0);
                    positions.extend(told.map(|told| (told.partition, told.offset)));
                }
                _ => {}
            }
        }
        seen = events.len();
        ends.iter().all(|(partition, end)| positions.get(partition).is_some_and(|position| position >= end))
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
