//! Does the program get on, or has it come to rest? Told by what it asks Kafka for, on its own clock.

use crate::evidence::{Event, What};
use crate::wire::{Request, Response};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// So many times in a row the program has found nothing new in each partition. A client asks again at once, and the tap
/// lets no broker keep it waiting for longer than 20 ms, so this takes about three seconds. A client that gets no
/// processor asks less often: what counts is what it did, not what the clock says.
const ROUNDS: u32 = 120;
/// Nor less than this, in microseconds: a client may ask the broker not to wait at all.
const CALM: u64 = 2_000_000;

type Place = (String, i32);

/// Looks at the events as they grow. At rest is a program that has nothing in hand: all records of the input have been
/// read, every request and call is answered, and again and again it was told that there is nothing new.
///
/// Whatever else goes on makes it busy: a group that rebalances does not fetch, and neither does a client that
/// waits to try again.
#[derive(Default)]
pub(super) struct Idle {
    seen: usize,
    /// When something last moved on.
    calm_since: u64,
    now: u64,
    /// Of each partition with input, the offset after the last record.
    ends: HashMap<Place, i64>,
    /// Of each partition, how often nothing new was found at its end since something last moved on.
    rounds: HashMap<Place, u32>,
    /// What each connection reads, from which offset. A fetch session (KIP-227) names only what changes.
    reads: HashMap<u32, HashMap<Place, i64>>,
    /// Requests and calls that have no answer yet, other than the endless polling.
    open: HashSet<usize>,
}

impl Idle {
    /// Is it at rest after these events, which are those of the last time and further ones?
    pub(super) fn at_rest(&mut self, events: &[Arc<Event>]) -> bool {
        for (at, event) in events.iter().enumerate().skip(self.seen) {
            self.see(at, event, events);
        }
        self.seen = events.len();
        !self.ends.is_empty()
            && self.open.is_empty()
            && self.now - self.calm_since >= CALM
            && self.ends.keys().all(|place| self.rounds.get(place).is_some_and(|rounds| *rounds >= ROUNDS))
    }

    fn see(&mut self, at: usize, event: &Event, events: &[Arc<Event>]) {
        self.now = self.now.max(event.at);
        if progress(event) || matches!(event.what, What::Input { .. }) {
            self.calm_since = self.now;
            self.rounds.clear();
        }
        match &event.what {
            What::Input { topic, partition, offset, .. } => {
                let end = self.ends.entry((topic.clone(), *partition)).or_default();
                *end = (*end).max(offset.saturating_add(1));
            }
            What::Request { conn, body: Request::Fetch { session_epoch, partitions, forgotten, .. }, .. } => {
                let reads = self.reads.entry(*conn).or_default();
                if *session_epoch <= 0 {
                    reads.clear();
                }
                reads.extend(partitions.iter().map(|from| ((from.topic.clone(), from.partition), from.offset)));
                forgotten.iter().for_each(|gone| _ = reads.remove(&(gone.topic.clone(), gone.partition)));
            }
            What::Response { conn, body: Response::Fetch { error: 0, partitions }, .. } => {
                for (place, offset) in self.reads.get(conn).into_iter().flatten() {
                    let told = partitions.iter().find(|told| (&told.topic, told.partition) == (&place.0, place.1));
                    let nothing_new = told.is_none_or(|told| told.count == 0 && told.error == 0);
                    let rounds = self.rounds.entry(place.clone()).or_default();
                    let at_end = self.ends.get(place).is_some_and(|end| offset >= end);
                    *rounds = if nothing_new && at_end { *rounds + 1 } else { 0 };
                }
            }
            What::Request { body, .. } if waits_for_answer(body) => _ = self.open.insert(at),
            What::Call { .. } => _ = self.open.insert(at),
            What::Response { to, .. } | What::Answer { to, .. } => _ = self.open.remove(to),
            // Nobody will be answered on a connection that is gone.
            What::Disconnected { conn } => {
                self.reads.remove(conn);
                let on = |at: &usize| matches!(&events[*at].what, What::Request { conn: of, .. } if of == conn);
                self.open.retain(|at| !on(at));
            }
            What::Exited { .. } => {
                let of = |at: &usize| events.get(*at).is_some_and(|open| open.role == event.role);
                self.open.retain(|at| !of(at));
            }
            _ => {}
        }
    }
}

/// Does the program get on? Polling, heartbeats and printing are not progress.
pub(super) fn progress(event: &Event) -> bool {
    match &event.what {
        What::Call { .. } | What::Answer { .. } | What::Started { .. } | What::Exited { .. } => true,
        What::Request { body, .. } => matches!(
            body,
            Request::Produce { .. }
                | Request::OffsetCommit { .. }
                | Request::TxnOffsetCommit { .. }
                | Request::EndTxn { .. }
        ),
        What::Response { .. } => joins(event),
        _ => false,
    }
}

/// Has a member come a step further on its way into its group?
pub(super) fn joins(event: &Event) -> bool {
    let What::Response { body, .. } = &event.what else { return false };
    matches!(body, Response::JoinGroup { .. } | Response::SyncGroup { .. }) && body.error() == 0
}

/// Is a program that has sent this busy until the answer comes?
fn waits_for_answer(request: &Request) -> bool {
    !matches!(
        request,
        Request::Fetch { .. }
            | Request::Heartbeat { .. }
            | Request::ConsumerGroupHeartbeat { .. }
            | Request::Produce { acks: 0, .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A consumer that has read the one record of the topic, and asks for more so often, each time after so many
    /// microseconds; then `last` happens.
    fn at_rest(offset: i64, times: u32, each: u64, last: &[serde_json::Value]) -> bool {
        let mut events = vec![
            json!({"at": 0, "event": "started", "run": 1, "pid": 1}),
            json!({"at": 1, "event": "input", "topic": "t", "partition": 0, "offset": 0, "poison": false}),
            json!({"at": 2, "event": "call", "op": "work", "args": {}}),
            json!({"at": 3, "event": "answer", "op": "work", "to": 2, "ok": true}),
        ];
        for time in 1..=u64::from(times) {
            let (asked, partition) = (events.len(), json!({"topic": "t", "partition": 0, "offset": offset}));
            let fetch = json!({"api": "fetch", "isolation": 1, "max_wait_ms": 500, "min_bytes": 1, "session_epoch": -1, "partitions": [partition]});
            events.push(json!({"at": time * each, "event": "request", "conn": 1, "correlation": time, "version": 11, "body": fetch}));
            let nothing = json!({"topic": "t", "partition": 0, "error": 0, "high_watermark": 1, "count": 0});
            let answer = json!({"api": "fetch", "error": 0, "partitions": [nothing]});
            events.push(
                json!({"at": time * each, "event": "response", "conn": 1, "to": asked, "by": "broker", "body": answer}),
            );
        }
        events.extend_from_slice(last);
        let events: Vec<Arc<Event>> =
            events.into_iter().map(|event| Arc::new(serde_json::from_value(event).expect("an event"))).collect();
        let mut idle = Idle::default();
        // Looked at as they come, or all at once: the same.
        let one_by_one = (1..=events.len()).map(|n| idle.at_rest(&events[..n])).next_back();
        assert_eq!(one_by_one, Some(Idle::default().at_rest(&events)));
        one_by_one == Some(true)
    }

    #[test]
    fn who_asks_for_more_again_and_again_is_at_rest() {
        assert!(at_rest(1, ROUNDS, 20_000, &[]));
        assert!(!at_rest(1, ROUNDS - 1, 20_000, &[]), "not often enough");
        assert!(!at_rest(1, ROUNDS * 5, 1_000, &[]), "often, but within a moment");
        assert!(!at_rest(1, 20, 1_000_000, &[]), "a client that gets no processor");
        assert!(!at_rest(0, ROUNDS, 20_000, &[]), "there is a record to read");
    }

    #[test]
    fn who_has_something_in_hand_is_not() {
        let at = 9_000_000;
        assert!(!at_rest(1, ROUNDS, 20_000, &[json!({"at": at, "event": "call", "op": "work", "args": {}})]));
        let input = json!({"at": at, "event": "input", "topic": "t", "partition": 1, "offset": 0, "poison": false});
        assert!(!at_rest(1, ROUNDS, 20_000, &[input]), "a partition that nobody reads");
        let find = json!({"api": "find_coordinator", "key_type": 0, "keys": ["g"]});
        let request = json!({"at": at, "event": "request", "conn": 2, "correlation": 1, "version": 1, "body": find});
        assert!(!at_rest(1, ROUNDS, 20_000, std::slice::from_ref(&request)), "a request without an answer");
        let gone = json!({"at": at, "event": "disconnected", "conn": 2});
        assert!(at_rest(1, ROUNDS, 20_000, &[request, gone]), "and none will come any more");
    }
}
