//! One connection: a frame, a step, an answer; one request at a time, as Kafka does.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, ResponseKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::sleep_until;
use wire::framing::{AHEAD, CHUNK, Framed, make_room, take_frame, with_length};

use super::{Refused, Shared};
use crate::core::call::{Call, Caller, Step};
use crate::frame::{self, Asked, Frame};
use crate::versions;
use crate::watch::Connection;

/// Before a listener that could not accept a connection is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves whoever connects to `node`.
pub(super) async fn accept(shared: Arc<Shared>, listener: TcpListener, node: i32) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                stream.set_nodelay(true).ok();
                tokio::spawn(serve(shared.clone(), stream, node, format!("/{}", peer.ip())));
            }
            // Out of descriptors, say: others may be closed meanwhile, and asking all the time would take a processor.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Serves one connection until either side ends it, or its node goes away.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    node: i32,
    host: String,
) {
    let Some((connection, waker)) = shared.enter() else { return };
    let mut up = shared.up.subscribe();
    let (from, to) = tokio::io::split(stream);
    let mut served = Served { shared: shared.clone(), connection, waker, node, host, to };
    tokio::select! {
        _ = served.talk(from) => {}
        _ = gone(&mut up, node) => {}
    }
    shared.leave(connection);
}

async fn gone(up: &mut watch::Receiver<Vec<i32>>, node: i32) {
    up.wait_for(|up| !up.contains(&node)).await.ok();
}

struct Served<W> {
    shared: Arc<Shared>,
    connection: Connection,
    waker: Arc<Notify>,
    node: i32,
    host: String,
    to: W,
}

/// The connection ends here.
struct End;

impl<W: AsyncWrite + Unpin> Served<W> {
    async fn talk(&mut self, from: impl AsyncRead + Unpin) -> Result<(), End> {
        let mut reader = Reader { from, buffer: BytesMut::with_capacity(CHUNK) };
        loop {
            let bytes = match reader.next().await {
                Ok(Some(bytes)) => bytes,
                _ => return Ok(()),
            };
            match frame::read(&bytes) {
                Frame::Request(asked) => {
                    drop(bytes);
                    self.request(*asked, &mut reader).await?;
                }
                Frame::NewerApiVersions(correlation) => {
                    let answer = versions::unknown_version().into();
                    self.send(frame::write(ApiKey::ApiVersions, 0, correlation, &answer)).await?;
                }
                Frame::NotServed { api, version } => {
                    let mut refused = self.shared.refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    refused.insert(Refused { api, version });
                    return Err(End);
                }
                Frame::Malformed(_) => return Err(End),
            }
        }
    }

    async fn request(&mut self, asked: Asked, reader: &mut Reader<impl AsyncRead + Unpin>) -> Result<(), End> {
        let Asked { api, version, correlation, client_id, request } = asked;
        let caller =
            Caller { connection: self.connection, node: self.node, version, client_id, host: self.host.clone() };
        let mut call = Call::new(caller, request);
        loop {
            let step = {
                let mut core = self.shared.core();
                let step = core.step(&mut call, self.shared.now());
                self.shared.settle(core);
                step
            };
            match step {
                Step::Answer(answer) => return self.answer(api, version, correlation, &answer).await,
                Step::Silence => return Ok(()),
                Step::HangUp => return Err(End),
                Step::Wait(until) => {
                    let due = async {
                        match until {
                            Some(at) => sleep_until((self.shared.opened + at).into()).await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = self.waker.notified() => {}
                        () = due => {}
                        _ = reader.hung_up() => return Err(End),
                    }
                }
            }
        }
    }

    async fn answer(&mut self, api: ApiKey, version: i16, correlation: i32, answer: &ResponseKind) -> Result<(), End> {
        self.send(frame::write(api, version, correlation, answer)).await
    }

    async fn send(&mut self, frame: Result<Bytes, String>) -> Result<(), End> {
        let frame = frame.map_err(|why| {
            debug_assert!(false, "an answer that cannot be written: {why}");
            End
        })?;
        self.to.write_all_buf(&mut with_length(frame)).await.map_err(|_| End)?;
        self.to.flush().await.map_err(|_| End)
    }
}

/// Reads frames one after the other.
struct Reader<R> {
    from: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// The next frame without its length; none at the end.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match take_frame(&mut self.buffer)? {
                Framed::Whole(frame) => return Ok(Some(frame)),
                Framed::Part { whole } => make_room(&mut self.buffer, whole),
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Returns when the other side has closed the connection. Reads ahead meanwhile, within bounds.
    async fn hung_up(&mut self) {
        while self.buffer.len() < AHEAD {
            self.buffer.reserve(4 << 10);
            match self.from.read_buf(&mut self.buffer).await {
                Ok(1..) => {}
                _ => return,
            }
        }
        std::future::pending::<()>().await;
    }
}
