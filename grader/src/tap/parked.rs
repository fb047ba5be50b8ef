//! A heartbeat waits until there is something to say to it.
//!
//! The members of a classic group hear of a rebalance in the answer to their next heartbeat, which by default they send
//! every three seconds: that interval sets the pace of every rebalance, on every broker. Instead of asking learners for
//! another one, the tap keeps the heartbeat, asks the broker in the member's name several times a second, and answers
//! with what the broker says as soon as it has news, or after a while.

use super::exchange;
use super::queue::Pending;
use crate::wire::{self, RequestHead, Response};
use bytes::Bytes;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const PULSE: Duration = Duration::from_millis(100);
/// The default of `heartbeat.interval.ms`: the next heartbeat comes at once.
const LONGEST_MS: i32 = 3_000;

/// Of one connection: a client has one heartbeat on its way at a time.
#[derive(Default)]
pub(super) struct Parked {
    state: Mutex<State>,
    bell: Notify,
}

#[derive(Default)]
struct State {
    heartbeat: Option<Heartbeat>,
    /// Does the client bear answers in another order than its requests?
    patient: bool,
    /// The session timeout that the member has asked for: a heartbeat must be answered well before.
    session_ms: i32,
    /// The member is joining again. What it would be told it knows.
    joining: bool,
    generation: i32,
    member: String,
}

pub(super) struct Heartbeat {
    /// The group as the broker knows it.
    pub group: String,
    pub head: RequestHead,
    pub frame: Bytes,
    pub pending: Pending,
}

impl Parked {
    /// Kafka's protocol promises answers in order, and Java's client insists; librdkafka finds the request to each.
    pub(super) fn client(&self, software: &str) {
        self.lock().patient = software.contains("rdkafka") || software.starts_with("confluent-kafka");
    }

    pub(super) fn is_patient(&self) -> bool {
        self.lock().patient
    }

    pub(super) fn joins(&self, session_ms: i32) {
        let mut state = self.lock();
        (state.session_ms, state.joining) = (session_ms, true);
    }

    pub(super) fn joined(&self, generation: i32, member: String) {
        let mut state = self.lock();
        (state.generation, state.member) = (generation, member);
    }

    pub(super) fn synced(&self) {
        self.lock().joining = false;
    }

    pub(super) fn park(&self, heartbeat: Heartbeat, generation: i32, member: String) {
        let mut state = self.lock();
        (state.heartbeat, state.generation, state.member) = (Some(heartbeat), generation, member);
        self.bell.notify_one();
    }

    pub(super) fn take(&self) -> Option<Heartbeat> {
        self.lock().heartbeat.take()
    }

    /// Returns what the broker at `address` has to say to the heartbeat that waits: an error code, or 0 when it has
    /// waited long enough.
    pub(super) async fn news(&self, address: &str) -> i16 {
        self.bell.notified().await;
        let session = self.lock().session_ms;
        let longest = if session > 0 { LONGEST_MS.min(session / 2) } else { LONGEST_MS };
        let until = Instant::now() + Duration::from_millis(longest.unsigned_abs().into());
        while Instant::now() < until {
            tokio::time::sleep(PULSE).await;
            let Some(question) = self.question() else { continue };
            let answer = exchange(address, question).await;
            let answer = answer.ok().and_then(|answer| wire::response(wire::HEARTBEAT, 1, &answer).ok());
            if let Some(Response::Heartbeat { error }) = answer
                && error != 0
                && !self.lock().joining
            {
                return error;
            }
        }
        0
    }

    fn question(&self) -> Option<Bytes> {
        let state = self.lock();
        let heartbeat = state.heartbeat.as_ref().filter(|_| !state.joining)?;
        Some(wire::heartbeat_request(1, &heartbeat.group, state.generation, &state.member))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
