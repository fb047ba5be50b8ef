//! One connection: two directions, and a queue that keeps answers in the order of their requests.
//!
//! A broker answers each connection in order (clients rely on it), but some answers come from us: a scripted refusal,
//! ApiVersions. The queue makes them wait for the broker's answers to earlier requests.

use super::frame::{FrameReader, frames, send};
use super::members::{Members, Origin};
use super::parked::{Heartbeat, Parked};
use super::queue::{Pending, Queue};
use super::{Shared, fence, names};
use crate::broker::Connection as ToBroker;
use crate::evidence::{By, What};
use crate::recorder::{Effect, Recorded};
use crate::wire::limits::FRAME_BYTES;
use crate::wire::{self, Request, RequestHead};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Semaphore;

/// The longest `fetch.wait.max.ms` that a broker sees: a client that has just got one partition, and finds it read to the
/// end, asks for its other partitions only when that wait (half a second by default) is over.
const FETCH_WAIT_MS: i32 = 20;

/// How long the broker may take to answer a client that is gone.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

struct Connection {
    shared: Arc<Shared>,
    conn: u32,
    queue: Queue,
    client: tokio::sync::Mutex<OwnedWriteHalf>,
    broker: tokio::sync::Mutex<WriteHalf<ToBroker>>,
    parked: Parked,
}

/// A request that has been recorded.
struct Asked {
    /// Its position in the evidence.
    event: usize,
    expects_answer: bool,
    /// What it says to its group's coordinator, by the names that the broker knows, since we shall speak to it of them.
    of_group: Option<Request>,
    /// The error with which it is refused: it asks for something that is not of this run.
    refused: Option<i16>,
}

/// Why a direction ended, where it was not the peer's wish.
struct Cut;

/// Serves one accepted connection until either side closes it or a rule cuts it.
pub(super) async fn serve(shared: Arc<Shared>, client: TcpStream, conn: u32, node: Option<i32>, address: String) {
    let role = shared.role.clone();
    shared.recorder.record(Some(&role), What::Connected { conn, node });
    match shared.upstream.broker.connect(&address).await {
        Ok(broker) => forward(&shared, client, broker, (conn, &address)).await,
        // A node that the scenario has sent away: whoever connects is hung up on.
        Err(_) if shared.upstream.broker.is_embedded() => {}
        Err(error) => {
            let what = format!("the broker at {address} does not answer: {error}");
            shared.recorder.record(Some(&role), What::GraderFault { what });
        }
    }
    shared.upstream.members.disconnected(conn);
    shared.recorder.record(Some(&role), What::Disconnected { conn });
}

async fn forward(shared: &Arc<Shared>, client: TcpStream, broker: ToBroker, (conn, address): (u32, &str)) {
    // Frames are small and waited for: Nagle's algorithm would add up to 40 ms to each.
    client.set_nodelay(true).ok();
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = tokio::io::split(broker);
    let connection = Connection {
        shared: shared.clone(),
        conn,
        queue: Queue::default(),
        client: tokio::sync::Mutex::new(to_client),
        broker: tokio::sync::Mutex::new(to_broker),
        parked: Parked::default(),
    };
    let mut answers = frames(from_broker, Arc::new(Semaphore::new(FRAME_BYTES >> 10)));
    tokio::select! {
        left = connection.requests(frames(from_client, shared.frames.clone())) => {
            if left.is_err() { return; }
        }
        _ = connection.responses(&mut answers, || false) => return,
        _ = connection.heartbeats(address) => return,
    }
    // The client is gone, but what it sent may still take effect, and the broker's word on that is evidence.
    let effects_known = || connection.queue.effects_known();
    let _ = tokio::time::timeout(LAST_ANSWERS, connection.responses(&mut answers, effects_known)).await;
}

impl Connection {
    fn record(&self, what: What) -> Recorded {
        self.shared.recorder.record(Some(&self.shared.role), what)
    }

    fn members(&self) -> &Members {
        &self.shared.upstream.members
    }

    fn undecoded(&self, bytes: usize, reason: String) -> Recorded {
        self.record(What::Undecoded { conn: self.conn, bytes, reason })
    }

    /// Carries out what the rules want done to what was `recorded`, and says what becomes of it.
    async fn effect(&self, recorded: Recorded) -> Result<Effect, Cut> {
        match self.shared.recorder.apply(&self.shared.role, recorded.actions).await {
            Effect::Cut => Err(Cut),
            other => Ok(other),
        }
    }

    /// Client to broker.
    async fn requests(&self, mut client: FrameReader<OwnedReadHalf>) -> Result<(), Cut> {
        loop {
            self.queue.room().await;
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
            if self.shared.upstream.fenced.is_some() && !fence::serves(head.api) {
                let reason = format!("{}: not served on a broker that others use, too", wire::api_name(head.api));
                self.undecoded(frame.len(), reason);
                return Ok(());
            }
            // A broker closes such a connection, and so do we.
            if self.shared.upstream.served.get(head.api).is_none() {
                let request = wire::api_name(head.api).into_owned();
                self.record(What::NotServed { conn: self.conn, request, version: head.version });
                return Ok(());
            }
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
            let error = self.parked.news(&self.shared.upstream.broker, address, self.members(), self.conn).await;
            self.answer_heartbeat(error).await?;
        }
    }

    /// Answers the heartbeat that waits, if one does.
    async fn answer_heartbeat(&self, error: i16) -> Result<(), Cut> {
        let Some(Heartbeat { head, frame, pending }) = self.parked.take() else { return Ok(()) };
        let Ok(answer) = wire::refuse(&head, &frame, error) else { return Ok(()) };
        self.answer(&pending, answer, By::Broker).await
    }

    /// Records one request and returns what the broker shall see of it.
    async fn request(&self, head: &RequestHead, frame: Bytes) -> Result<Option<Bytes>, Cut> {
        let (asked, recorded) = self.recorded(head, &frame);
        let refusal = match self.effect(recorded).await? {
            Effect::Refused(code) => wire::refuse(head, &frame, code).ok(),
            _ => None,
        };
        let ours = self.answered_here(head, &frame, &asked).or(refusal);
        let (correlation, api, version, answered) = (head.correlation, head.api, head.version, ours.is_some());
        let pending = Pending { correlation, api, version, event: asked.event, ours };
        if let (Some(Request::Heartbeat { group, generation, member }), false) = (&asked.of_group, answered)
            && self.parked.is_patient()
            && self.members().is_in_generation(group, *generation, member)
        {
            self.parked.park(Heartbeat { head: head.clone(), frame, pending });
            return Ok(None);
        }
        if asked.expects_answer {
            self.queue.push(pending);
        }
        if answered {
            self.flush_ours().await?;
            return Ok(None);
        }
        let topics = self.shared.upstream.fenced.as_ref().map(|topics| topics.iter().map(String::as_str));
        let narrowed = topics.and_then(|topics| wire::ask_for_topics(head, &frame, topics));
        Ok(Some(narrowed.unwrap_or_else(|| hurried(head, frame))))
    }

    /// Records a request, and takes note of what it says of the client and its group.
    fn recorded(&self, head: &RequestHead, frame: &Bytes) -> (Asked, Recorded) {
        let mut body = match wire::request(head, frame) {
            Ok(body) => body,
            Err(error) => {
                let recorded = self.undecoded(frame.len(), format!("{}: {error}", wire::api_name(head.api)));
                let event = recorded.position;
                return (Asked { event, expects_answer: true, of_group: None, refused: None }, recorded);
            }
        };
        if let Request::ApiVersions { software: Some(software), .. } = &body {
            self.parked.client(software);
        }
        // A broker sends no answer to a Produce with acks=0.
        let expects_answer = !matches!(body, Request::Produce { acks: 0, .. });
        let of_group = matches!(head.api, wire::JOIN_GROUP | wire::SYNC_GROUP | wire::HEARTBEAT | wire::LEAVE_GROUP)
            .then(|| body.clone());
        let (conn, correlation, version) = (self.conn, head.correlation, head.version);
        let fenced = self.shared.upstream.fenced.is_some();
        let refused = fenced.then(|| fence::refusal(&self.shared.recorder.names, &mut body)).flatten();
        if refused.is_none() {
            self.members().request(Origin { role: &self.shared.role, conn, correlation }, &body);
        }
        names::rename_request(&mut body, &self.shared.recorder.names);
        let recorded = self.record(What::Request { conn, correlation, version, body });
        (Asked { event: recorded.position, expects_answer, of_group, refused }, recorded)
    }

    /// Our answer to a request that the broker shall not see, whatever the rules say.
    fn answered_here(&self, head: &RequestHead, frame: &Bytes, asked: &Asked) -> Option<Bytes> {
        if head.api == wire::API_VERSIONS {
            return wire::answer_api_versions(head, &self.shared.upstream.ranges).ok();
        }
        wire::refuse(head, frame, asked.refused?).ok()
    }

    /// Broker to client.
    async fn responses(
        &self,
        broker: &mut FrameReader<ReadHalf<ToBroker>>,
        enough: impl Fn() -> bool,
    ) -> Result<(), Cut> {
        while !enough()
            && let Ok(Some(frame)) = broker.next().await
        {
            let Ok(correlation) = wire::correlation(&frame) else {
                self.undecoded(frame.len(), "an answer without a correlation id".into());
                continue;
            };
            if let Some(asked) = self.queue.take(correlation) {
                self.answer(&asked, frame, By::Broker).await?;
                self.flush_ours().await?;
            }
        }
        Ok(())
    }

    /// Sends those of our own answers whose turn has come.
    async fn flush_ours(&self) -> Result<(), Cut> {
        while let Some((asked, frame)) = self.queue.take_ours() {
            self.answer(&asked, frame, By::Grader).await?;
        }
        Ok(())
    }

    /// Records one answer and hands it to the client.
    async fn answer(&self, asked: &Pending, frame: Bytes, by: By) -> Result<(), Cut> {
        let recorded = match wire::response(asked.api, asked.version, &frame) {
            Ok(mut body) => {
                self.members().response((self.conn, asked.correlation), &body);
                names::rename_response(&mut body, &self.shared.recorder.names);
                self.record(What::Response { conn: self.conn, to: asked.event, by, body })
            }
            Err(error) => self.undecoded(frame.len(), format!("answer to {}: {error}", wire::api_name(asked.api))),
        };
        self.effect(recorded).await?;
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

/// The frame, with a shorter wait where it is a Fetch.
fn hurried(head: &RequestHead, frame: Bytes) -> Bytes {
    wire::lower_fetch_wait(head, &frame, FETCH_WAIT_MS).unwrap_or(frame)
}
