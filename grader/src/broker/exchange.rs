//! One request of the grader's own to a broker, and its answer.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::limits;

const LIMIT: Duration = Duration::from_secs(5);

/// Sends `request` to the broker at `address`, on a connection of its own, and returns the answer; both without their
/// length.
///
/// # Errors
/// No connection or no answer within five seconds.
pub async fn exchange(address: &str, request: Bytes) -> io::Result<Bytes> {
    let talk = async { ask(&mut TcpStream::connect(address).await?, &request).await };
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", LIMIT.as_secs()));
    timeout(LIMIT, talk).await.unwrap_or_else(|_| Err(late()))
}

/// Sends `request` on `stream`, which has no other request on its way, and returns the answer. It may take for ever.
pub(super) async fn ask(stream: &mut TcpStream, request: &Bytes) -> io::Result<Bytes> {
    let length = u32::try_from(request.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(request).await?;
    let length = stream.read_u32().await? as usize;
    if length > limits::FRAME_BYTES {
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
