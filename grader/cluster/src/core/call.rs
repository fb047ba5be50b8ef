//! A request on its way through the core.
//!
//! A handler is called with a request until it answers. On the first call it carries out what the request asks for; where
//! the answer has to wait, it says what it watches and until when, and keeps what it has to know in [`Waiting`]. On later
//! calls it only looks whether the answer is ready.

use std::time::Duration;

use kafka_protocol::messages::{ProduceResponse, RequestKind, ResponseKind};
use uuid::Uuid;

use crate::watch::Connection;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    pub connection: Connection,
    /// The node that is asked.
    pub node: i32,
    pub version: i16,
    pub client_id: String,
    /// The client's address, as Kafka shows it: `/127.0.0.1`.
    pub host: String,
}

/// A request that has not been answered yet.
#[derive(Debug)]
pub struct Call {
    pub caller: Caller,
    pub request: RequestKind,
    pub waiting: Waiting,
}

impl Call {
    pub fn new(caller: Caller, request: RequestKind) -> Call {
        Call { caller, request, waiting: Waiting::default() }
    }
}

/// What a handler keeps of a request that waits.
#[derive(Debug, Default)]
pub enum Waiting {
    /// The request has not been carried out yet.
    #[default]
    New,
    /// Produce, until its batches are replicated.
    Produce(Replication),
    /// Fetch, until there is data.
    Fetch { until: Duration },
    /// JoinGroup or SyncGroup, until the group has an answer for the member.
    Group,
}

/// Batches that were appended, and are not yet on all in-sync replicas.
#[derive(Debug)]
pub struct Replication {
    /// The answer, which is as if all of them were.
    pub answer: ProduceResponse,
    pub batches: Vec<Unreplicated>,
    pub until: Duration,
}

/// One of them.
#[derive(Debug)]
pub struct Unreplicated {
    pub topic: Uuid,
    pub partition: i32,
    /// The offset after it.
    pub end: i64,
    /// Where it stands in the answer: the topic's place, and the partition's in it.
    pub place: (usize, usize),
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Step {
    Answer(Box<ResponseKind>),
    /// There is no answer, and none is expected: Produce with `acks=0`.
    Silence,
    /// Look again when something that is watched has changed, or at this time (see [`crate::time::Now::elapsed`]).
    Wait(Option<Duration>),
    /// Kafka closes the connection after such a request.
    HangUp,
}

impl Step {
    /// An answer, ready to be sent.
    pub fn answer(response: impl Into<ResponseKind>) -> Step {
        Step::Answer(Box::new(response.into()))
    }
}
