//! A heartbeat waits until there is something to say to it.
//!
//! The members of a classic group hear of a rebalance in the answer to their next heartbeat, which by default they send
//! every three seconds: that interval sets the pace of every rebalance, on every broker. Instead of asking learners for
//! another one, the tap keeps the heartbeat back and asks the broker in the member's name, several times a second. As
//! soon as the broker has news, or after a while, the heartbeat goes on, and the broker's own answer tells.

use super::connection::Pending;
use super::exchange;
use crate::wire::{self, Response};
use bytes::Bytes;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const PULSE: Duration = Duration::from_millis(100);
/// The default of `heartbeat.interval.ms`: the next heartbeat comes at once.
const LONGEST_MS: i32 = 3_000;

/// Of one connection: a client has one heartbeat on its way at a time.
#[derive(Default)]
pub(super) struct Parked {
    heartbeat: Mutex<Option<Heartbeat>>,
    bell: Notify,
    /// Does the client bear answers in another order than its requests?
    patient: AtomicBool,
    /// The session timeout that the member has asked for: a heartbeat must be answered well before.
    session_ms: AtomicI32,
}

pub(super) struct Heartbeat {
    /// The group as the broker knows it.
    pub group: String,
    pub generation: i32,
    pub member: String,
    pub frame: Bytes,
    pub pending: Pending,
}

impl Parked {
    pub(super) fn park(&self, heartbeat: Heartbeat) {
        *self.lock() = Some(heartbeat);
        self.bell.notify_one();
    }

    pub(super) fn take(&self) -> Option<Heartbeat> {
        self.lock().take()
    }

    /// Kafka's protocol promises answers in order, and Java's client insists; librdkafka finds the request to each.
    pub(super) fn client(&self, software: &str) {
        let patient = software.contains("rdkafka") || software.starts_with("confluent-kafka");
        self.patient.store(patient, Ordering::Relaxed);
    }

    pub(super) fn session(&self, ms: i32) {
        self.session_ms.store(ms, Ordering::Relaxed);
    }

    /// Must a heartbeat that waits go on before a request of this kind?
    pub(super) fn is_overtaken_by(&self, api: i16) -> bool {
        let of_the_group = matches!(api, wire::JOIN_GROUP | wire::SYNC_GROUP | wire::LEAVE_GROUP | wire::HEARTBEAT);
        of_the_group || !self.patient.load(Ordering::Relaxed)
    }

    /// Returns when the broker at `address` has news for the heartbeat that waits, or it has waited long enough.
    pub(super) async fn news(&self, address: &str) {
        self.bell.notified().await;
        let session = self.session_ms.load(Ordering::Relaxed);
        let longest = if session > 0 { LONGEST_MS.min(session / 2) } else { LONGEST_MS };
        let until = Instant::now() + Duration::from_millis(longest.unsigned_abs().into());
        while Instant::now() < until {
            tokio::time::sleep(PULSE).await;
            let Some(question) = self.question() else { return };
            let answer = exchange(address, question).await;
            let answer = answer.ok().and_then(|answer| wire::response(wire::HEARTBEAT, 1, &answer).ok());
            if !matches!(answer, Some(Response::Heartbeat { error: 0 })) {
                return;
            }
        }
    }

    fn question(&self) -> Option<Bytes> {
        let heartbeat = self.lock();
        let Heartbeat { group, generation, member, .. } = heartbeat.as_ref()?;
        Some(wire::heartbeat_request(1, group, *generation, member))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Heartbeat>> {
        self.heartbeat.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
