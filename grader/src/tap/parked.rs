//! A heartbeat waits until there is something to say to it.
//!
//! The members of a classic group hear of a rebalance in the answer to their next heartbeat, which by default they send
//! every three seconds: that interval sets the pace of every rebalance, on every broker. Instead of asking learners for
//! another one, the tap keeps the heartbeat, asks the broker in the member's name several times a second, and answers
//! with what the broker says as soon as it has news, or after a while.

use super::members::Members;
use super::queue::Pending;
use crate::broker::Broker;
use crate::wire::RequestHead;
use bytes::Bytes;
use kafka_protocol::messages::{HeartbeatRequest, HeartbeatResponse};
use kafka_protocol::protocol::StrBytes;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const PULSE: Duration = Duration::from_millis(100);
/// The default of `heartbeat.interval.ms`: the next heartbeat comes at once.
const LONGEST_MS: i32 = 3_000;

/// The heartbeat of one connection that waits: a client has one on its way at a time.
#[derive(Default)]
pub(super) struct Parked {
    heartbeat: Mutex<Option<Heartbeat>>,
    /// Does the client bear answers in another order than its requests?
    patient: AtomicBool,
    bell: Notify,
}

pub(super) struct Heartbeat {
    pub head: RequestHead,
    pub frame: Bytes,
    pub pending: Pending,
}

impl Parked {
    /// Kafka's protocol promises answers in order, and Java's client insists; librdkafka finds the request to each.
    pub(super) fn client(&self, software: &str) {
        let patient = software.contains("rdkafka") || software.starts_with("confluent-kafka");
        self.patient.store(patient, Ordering::Relaxed);
    }

    pub(super) fn is_patient(&self) -> bool {
        self.patient.load(Ordering::Relaxed)
    }

    pub(super) fn park(&self, heartbeat: Heartbeat) {
        *self.lock() = Some(heartbeat);
        self.bell.notify_one();
    }

    pub(super) fn take(&self) -> Option<Heartbeat> {
        self.lock().take()
    }

    /// Waits for a heartbeat, and returns what its node at `address` has to say to it in the end: an error code, or 0
    /// when it has waited long enough. Its member is the one that speaks on the connection `conn`.
    pub(super) async fn news(&self, broker: &Broker, address: &str, members: &Members, conn: u32) -> i16 {
        self.bell.notified().await;
        let session =
            members.on_connection(conn).and_then(|member| member.classic).map_or(0, |member| member.session_ms);
        // It must be answered well before the session that the member has asked for is over.
        let longest = if session > 0 { LONGEST_MS.min(session / 2) } else { LONGEST_MS };
        let until = Instant::now() + Duration::from_millis(longest.unsigned_abs().into());
        while Instant::now() < until {
            tokio::time::sleep(PULSE).await;
            let Some(question) = self.question(members, conn) else { continue };
            let answer = broker.ask(address, &question, 1).await;
            if let Ok(HeartbeatResponse { error_code, .. }) = answer
                && error_code != 0
                && is_settled(members, conn)
            {
                return error_code;
            }
        }
        0
    }

    /// A heartbeat of our own in the member's name. A member that is joining again knows what it would be told.
    fn question(&self, members: &Members, conn: u32) -> Option<HeartbeatRequest> {
        self.lock().as_ref()?;
        let member = members.on_connection(conn)?;
        let classic = member.classic.filter(|classic| !classic.joining)?;
        let text = |text: String| StrBytes::from_string(text);
        let heartbeat = HeartbeatRequest::default().with_group_id(text(member.group).into());
        Some(heartbeat.with_generation_id(classic.generation).with_member_id(text(member.id)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Heartbeat>> {
        self.heartbeat.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn is_settled(members: &Members, conn: u32) -> bool {
    !members.on_connection(conn).and_then(|member| member.classic).is_some_and(|classic| classic.joining)
}
