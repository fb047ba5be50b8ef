//! One connection: two directions, and a queue that keeps answers in the order of their requests.
//!
//! A broker answers each connection in order (clients rely on it), but some answers come from us: a scripted refusal,
//! ApiVersions. The queue makes them wait for the broker's answers to earlier requests.

use super::frame::{FrameReader, frames, send};
use super::parked::{Heartbeat, Parked};
use super::{Shared, doorman, names, pulse};
use crate::evidence::{Action, By, What};
use crate::wire::{self, Request, RequestHead, Response};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The longest `fetch.wait.max.ms` that a broker sees. librdkafka's test cluster sleeps all of it at the end of the log,
/// even when data arrives meanwhile. And on any broker a client that has just got one partition, and finds it read to
/// the end, asks for its other partitions only when that wait (half a second by default) is over.
const FETCH_WAIT_MS: i32 = 20;

/// A request that has not been answered yet.
pub(super) struct Pending {
    correlation: i32,
    api: i16,
    version: i16,
    event: usize,
    /// The group as the broker knows it, where the request joins one.
    joins: Option<String>,
    /// Our own answer, which waits for its turn.
    ours: Option<Bytes>,
}

struct Connection {
    shared: Arc<Shared>,
    conn: u32,
    pending: Mutex<VecDeque<Pending>>,
    client: tokio::sync::Mutex<OwnedWriteHalf>,
    broker: tokio::sync::Mutex<OwnedWriteHalf>,
    parked: Parked,
}

/// Why a direction ended, where it was not the peer's wish.
struct Cut;

/// Serves one accepted connection until either side closes it or a rule cuts it.
pub(super) async fn serve(shared: Arc<Shared>, client: TcpStream, conn: u32, node: i32, address: String) {
    let role = shared.role.clone();
    shared.recorder.record(Some(&role), What::Connected { conn, node });
    match TcpStream::connect(&address).await {
        Ok(broker) => forward(&shared, client, broker, (conn, &address)).await,
        Err(error) => {
            let what = format!("the broker at {address} does not answer: {error}");
            shared.recorder.record(Some(&role), What::GraderFault { what });
        }
    }
    shared.upstream.listeners.gone(conn);
    shared.recorder.record(Some(&role), What::Disconnected { conn });
    shared.open.send_modify(|open| *open = open.saturating_sub(1));
}

async fn forward(shared: &Arc<Shared>, client: TcpStream, broker: TcpStream, (conn, address): (u32, &str)) {
    // Frames are small and waited for: Nagle's algorithm would add up to 40 ms to each.
    client.set_nodelay(true).ok();
    broker.set_nodelay(true).ok();
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let connection = Connection {
        shared: shared.clone(),
        conn,
        pending: Mutex::default(),
        client: tokio::sync::Mutex::new(to_client),
        broker: tokio::sync::Mutex::new(to_broker),
        parked: Parked::default(),
    };
    let mut answers = frames(from_broker);
    tokio::select! {
        left = connection.requests(frames(from_client)) => {
            if left.is_err() { return; }
        }
        _ = connection.responses(&mut answers, |_| false) => return,
        _ = connection.heartbeats(address) => return,
    }
    // The client is gone, but what it sent may still take effect, and the broker's word on that is evidence.
    let effects_known = |pending: &VecDeque<Pending>| !pending.iter().any(|asked| has_effect(asked.api));
    let _ = tokio::time::timeout(LAST_ANSWERS, connection.responses(&mut answers, effects_known)).await;
}

impl Connection {
    fn record(&self, what: What) -> (usize, Vec<Action>) {
        self.shared.recorder.record(Some(&self.shared.role), what)
    }

    fn undecoded(&self, bytes: usize, reason: String) {
        self.record(What::Undecoded { conn: self.conn, bytes, reason });
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, VecDeque<Pending>> {
        self.pending.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Client to broker.
    async fn requests(&self, mut client: FrameReader<OwnedReadHalf>) -> Result<(), Cut> {
        loop {
            let frame = match client.next().await {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => {
                    if error.kind() == std::io::ErrorKind::InvalidData {
                        self.undecoded(4, format!("not the Kafka protocol: {error}"));
                    }
                    return Ok(());
                }
            };
            // Without a head nobody can tell what is asked; a broker closes such a connection, and so do we.
            let head = match wire::request_head(&frame) {
                Ok(head) => head,
                Err(error) => {
                    self.undecoded(frame.len(), error.to_string());
                    return Ok(());
                }
            };
            if head.api == wire::LEAVE_GROUP {
                self.answer_heartbeat(0).await?;
            }
            if let Some(frame) = self.request(&head, frame).await? {
                self.forward(frame).await?;
            }
        }
    }

    async fn forward(&self, frame: Bytes) -> Result<(), Cut> {
        send(&mut *self.broker.lock().await, frame).await.map_err(|_| Cut)
    }

    /// Heartbeats that wait for news.
    async fn heartbeats(&self, address: &str) -> Result<(), Cut> {
        loop {
            let error = self.parked.news(address).await;
            self.answer_heartbeat(error).await?;
        }
    }

    /// Answers the heartbeat that waits, if one does.
    async fn answer_heartbeat(&self, error: i16) -> Result<(), Cut> {
        let Some(Heartbeat { head, frame, pending, .. }) = self.parked.take() else { return Ok(()) };
        self.shared.upstream.listeners.listens(self.conn, false);
        let Ok(answer) = wire::refuse(&head, &frame, error) else { return Ok(()) };
        self.answer(&pending, answer, By::Broker).await
    }

    /// Records one request and returns what the broker shall see of it.
    async fn request(&self, head: &RequestHead, frame: Bytes) -> Result<Option<Bytes>, Cut> {
        let (mut expects_answer, mut of_group) = (true, None);
        let (event, actions) = match wire::request(head, &frame) {
            Ok(mut body) => {
                // A real broker sends no answer to a Produce with acks=0; the test cluster does, and it is dropped.
                expects_answer = !matches!(body, Request::Produce { acks: 0, .. });
                match &body {
                    Request::JoinGroup { session_timeout_ms, group, .. } => {
                        self.parked.joins(*session_timeout_ms);
                        if self.parked.is_patient() {
                            self.shared.upstream.listeners.joins(self.conn, group);
                        }
                    }
                    Request::ApiVersions { software: Some(software), .. } => self.parked.client(software),
                    _ => {}
                }
                // By the names that the broker knows, since we shall speak to it of them.
                of_group =
                    matches!(head.api, wire::JOIN_GROUP | wire::SYNC_GROUP | wire::HEARTBEAT | wire::LEAVE_GROUP)
                        .then(|| body.clone());
                names::of_request(&mut body, &self.shared.recorder.names);
                let (conn, correlation, version) = (self.conn, head.correlation, head.version);
                self.record(What::Request { conn, correlation, version, body })
            }
            Err(error) => {
                self.undecoded(frame.len(), format!("{}: {error}", wire::api_name(head.api)));
                (usize::MAX, Vec::new())
            }
        };
        let mut ours = None;
        for action in actions {
            match action {
                Action::Refuse(code) => ours = wire::refuse(head, &frame, code).ok(),
                Action::Hold { until, count, ms } => self.shared.recorder.hold(&until, count, ms).await,
                Action::Delay(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                Action::Cut => return Err(Cut),
                Action::Kill(role) if role == self.shared.role => return Err(Cut),
                Action::Lose | Action::Fail(_) | Action::Stop(_) | Action::Kill(_) => {}
            }
        }
        let mock = self.shared.upstream.mock;
        if let (true, wire::JOIN_GROUP) = (mock, head.api)
            && let Some(code) = self.shared.recorder.look(|events| doorman::refusal(events, event))
        {
            ours = wire::refuse(head, &frame, code).ok();
        }
        if head.api == wire::API_VERSIONS {
            ours = Some(wire::answer_api_versions(head, &self.shared.upstream.ranges));
        }
        let (api, version, correlation) = (head.api, head.version, head.correlation);
        let joins = match &of_group {
            Some(Request::JoinGroup { group, .. }) => Some(group.clone()),
            _ => None,
        };
        let pending = Pending { correlation, api, version, event, joins, ours: ours.clone() };
        if let (Some(Request::Heartbeat { group, generation, member }), None) = (&of_group, &ours)
            && self.parked.is_patient()
        {
            let (head, group) = (head.clone(), group.clone());
            self.parked.park(Heartbeat { group, head, frame, pending }, *generation, member.clone());
            self.shared.upstream.listeners.listens(self.conn, true);
            return Ok(None);
        }
        if expects_answer {
            self.pending().push_back(pending);
        }
        if ours.is_some() {
            self.flush_ours().await?;
            return Ok(None);
        }
        if let (true, Some(Request::JoinGroup { group, .. } | Request::LeaveGroup { group, .. })) = (mock, &of_group) {
            let listeners = &self.shared.upstream.listeners;
            listeners.all_but(Some(self.conn), group).await;
            if head.api == wire::LEAVE_GROUP {
                listeners.gone(self.conn);
            }
        }
        if let (true, Some(Request::SyncGroup { group, generation, member, assignments })) = (mock, of_group) {
            let upstream = &self.shared.upstream;
            if assignments.is_empty() {
                self.forward(frame).await?;
                upstream.syncing.forwarded(group, generation, member);
                return Ok(None);
            }
            upstream.syncing.all_but(&member, (&group, generation), &assignments, &upstream.address).await;
        }
        let hurried = match mock {
            true => wire::lower_session_timeout(head, &frame, self.shared.upstream.session_ms),
            false => None,
        };
        Ok(Some(hurried.or_else(|| wire::lower_fetch_wait(head, &frame, FETCH_WAIT_MS)).unwrap_or(frame)))
    }

    /// Broker to client.
    async fn responses(
        &self,
        broker: &mut FrameReader<OwnedReadHalf>,
        enough: impl Fn(&VecDeque<Pending>) -> bool,
    ) -> Result<(), Cut> {
        while !enough(&self.pending())
            && let Ok(Some(frame)) = broker.next().await
        {
            let Ok(correlation) = wire::correlation(&frame) else {
                self.undecoded(frame.len(), "an answer without a correlation id".into());
                continue;
            };
            let found = {
                let mut pending = self.pending();
                let at = pending.iter().position(|pending| pending.correlation == correlation);
                at.and_then(|at| pending.remove(at))
            };
            if let Some(asked) = found {
                self.answer(&asked, frame, By::Broker).await?;
                self.flush_ours().await?;
            }
        }
        Ok(())
    }

    /// Sends those of our own answers whose turn has come.
    async fn flush_ours(&self) -> Result<(), Cut> {
        loop {
            let next = {
                let mut pending = self.pending();
                match pending.front() {
                    Some(Pending { ours: Some(_), .. }) => pending.pop_front(),
                    _ => None,
                }
            };
            let Some(mut asked) = next else { return Ok(()) };
            let Some(frame) = asked.ours.take() else { return Ok(()) };
            self.answer(&asked, frame, By::Grader).await?;
        }
    }

    /// Records one answer and hands it to the client.
    async fn answer(&self, asked: &Pending, frame: Bytes, by: By) -> Result<(), Cut> {
        let actions = match wire::response(asked.api, asked.version, &frame) {
            Ok(mut body) => {
                if let (true, Some(group), Response::JoinGroup { error: 0, generation, member, .. }) =
                    (self.shared.upstream.mock, &asked.joins, &body)
                {
                    pulse::keep_alive(&self.shared, group.clone(), *generation, member.clone());
                }
                match &body {
                    Response::JoinGroup { error: 0, generation, member, .. } => {
                        self.parked.joined(*generation, member.clone());
                    }
                    Response::SyncGroup { error: 0, .. } => {
                        self.parked.synced();
                        self.shared.upstream.listeners.synced(self.conn);
                    }
                    _ => {}
                }
                names::of_response(&mut body, &self.shared.recorder.names);
                self.record(What::Response { conn: self.conn, to: asked.event, by, body }).1
            }
            Err(error) => {
                self.undecoded(frame.len(), format!("answer to {}: {error}", wire::api_name(asked.api)));
                Vec::new()
            }
        };
        for action in actions {
            match action {
                Action::Hold { until, count, ms } => self.shared.recorder.hold(&until, count, ms).await,
                Action::Delay(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                Action::Lose | Action::Cut => return Err(Cut),
                Action::Kill(role) if role == self.shared.role => return Err(Cut),
                Action::Refuse(_) | Action::Fail(_) | Action::Stop(_) | Action::Kill(_) => {}
            }
        }
        let mut advertise = |node: i32, host: &str, port: u16| self.shared.advertise(node, host, port);
        let frame = match wire::rewrite_addresses(asked.api, asked.version, &frame, &mut advertise) {
            Ok(Some(rewritten)) => rewritten,
            Ok(None) => frame,
            Err(error) => {
                self.undecoded(frame.len(), error.to_string());
                frame
            }
        };
        // A client that is gone cannot be told any more; further answers are still worth recording.
        send(&mut *self.client.lock().await, frame).await.ok();
        Ok(())
    }
}

/// Does such a request leave a trace in the broker that outlives the client?
fn has_effect(api: i16) -> bool {
    matches!(api, wire::PRODUCE | wire::OFFSET_COMMIT | wire::LEAVE_GROUP)
}

/// How long the broker may take to answer a client that is gone.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
