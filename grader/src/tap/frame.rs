//! Kafka's framing: a length of four bytes, then that many bytes (protocol guide, "Size").

use crate::wire::MAX_FRAME;
use bytes::{Buf, Bytes};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;

/// Reads frames one after the other.
pub(super) struct FrameReader<R>(BufReader<R>);

pub(super) fn frames<R: AsyncRead + Unpin>(reader: R) -> FrameReader<R> {
    FrameReader(BufReader::with_capacity(64 << 10, reader))
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// The next frame without its length; none at the end of the stream. The length is checked before a byte is
    /// allocated, and memory grows only with the bytes that really come.
    ///
    /// # Errors
    /// `InvalidData` for an impossible length: this is not the Kafka protocol. Else what the socket says.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let length = match self.0.read_i32().await {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= MAX_FRAME)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")))?;
        let mut frame = Vec::with_capacity(length.min(1 << 20));
        (&mut self.0).take(length as u64).read_to_end(&mut frame).await?;
        Ok((frame.len() == length).then(|| Bytes::from(frame)))
    }
}

/// Sends one frame with its length, in one system call where the kernel takes it.
pub(super) async fn send(to: &mut OwnedWriteHalf, frame: Bytes) -> io::Result<()> {
    let length = (frame.len() as u32).to_be_bytes();
    to.write_all_buf(&mut Bytes::copy_from_slice(&length).chain(frame)).await
}
