//! Connections to a broker, and requests of the grader's own.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::limits::FRAME_BYTES;

/// A broker on a busy machine stands still for seconds now and then.
const LIMIT: Duration = Duration::from_secs(15);

/// Bytes that go both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection to one node of a broker: through the system's network, or within this process.
pub type Connection = Box<dyn Duplex>;

/// Connects to `address` through the system's network.
pub(super) async fn connect(address: &str) -> io::Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    // Frames are small and waited for: Nagle's algorithm would add up to 40 ms to each.
    stream.set_nodelay(true).ok();
    Ok(Box::new(stream))
}

/// Sends `request` on a new connection and returns the answer; both without their length.
///
/// # Errors
/// No connection or no answer within fifteen seconds.
pub(super) async fn exchange(
    connect: impl Future<Output = io::Result<Connection>>,
    request: Bytes,
) -> io::Result<Bytes> {
    let talk = async { ask(&mut connect.await?, &request).await };
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", LIMIT.as_secs()));
    timeout(LIMIT, talk).await.unwrap_or_else(|_| Err(late()))
}

/// Sends `request` on `stream`, which has no other request on its way, and returns the answer. It may take for ever.
pub(super) async fn ask(stream: &mut impl Duplex, request: &Bytes) -> io::Result<Bytes> {
    let length = u32::try_from(request.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(request).await?;
    let length = stream.read_u32().await? as usize;
    if length > FRAME_BYTES {
        return Err(io::Error::other("the broker's answer is too long"));
    }
    // It grows with what comes, not with what is claimed.
    let mut answer = Vec::new();
    stream.take(length as u64).read_to_end(&mut answer).await?;
    match answer.len() == length {
        true => Ok(Bytes::from(answer)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
