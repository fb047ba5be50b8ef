//! Kafka's framing: a length of four bytes, then that many bytes (protocol guide, "Size").

use crate::limits::FRAME_BYTES;
use bytes::{Buf, Bytes, BytesMut};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is read at once where nothing larger is known to come. Small frames share such a piece of memory, of which
/// evidence may keep them, so a new one is taken only when one is full.
const CHUNK: usize = 64 << 10;

/// The most memory that is taken for a frame before its bytes have come.
const AHEAD: usize = 1 << 20;

/// Reads frames one after the other. They share the memory that they were read into.
pub(super) struct FrameReader<R> {
    from: R,
    buffer: BytesMut,
    /// KiB of frames that are larger than a chunk.
    room: Arc<Semaphore>,
    /// Room for the frame that is being read, or has been handed out last.
    taken: Option<OwnedSemaphorePermit>,
}

/// Frames of which all that share `room` may read so many KiB at the same time.
pub(super) fn frames<R: AsyncRead + Unpin>(from: R, room: Arc<Semaphore>) -> FrameReader<R> {
    FrameReader { from, buffer: BytesMut::with_capacity(CHUNK), room, taken: None }
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// The next frame without its length; none at the end of the stream. The length is checked before a byte is
    /// allocated, and memory grows only with the bytes that really come.
    ///
    /// # Errors
    /// `InvalidData` for an impossible length: this is not the Kafka protocol. Else what the socket says.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.taken = None;
        loop {
            let missing = match self.buffer.first_chunk() {
                None => PREFIX,
                Some(length) => {
                    let whole = PREFIX + frame_length(*length)?;
                    if self.buffer.len() >= whole {
                        let mut frame = self.buffer.split_to(whole);
                        frame.advance(PREFIX);
                        return Ok(Some(frame.freeze()));
                    }
                    if whole > CHUNK && self.taken.is_none() {
                        self.taken = self.room.clone().acquire_many_owned((whole >> 10) as u32).await.ok();
                    }
                    whole - self.buffer.len()
                }
            };
            self.buffer.reserve(missing.clamp(PREFIX, AHEAD));
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Bytes of the length.
const PREFIX: usize = 4;

fn frame_length(prefix: [u8; PREFIX]) -> io::Result<usize> {
    let length = i32::from_be_bytes(prefix);
    let possible = usize::try_from(length).ok().filter(|length| *length <= FRAME_BYTES);
    possible.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")))
}

/// Sends one frame with its length, in one system call where the kernel takes it.
pub(super) async fn send(to: &mut (impl AsyncWrite + Unpin), frame: Bytes) -> io::Result<()> {
    let length = (frame.len() as u32).to_be_bytes();
    to.write_all_buf(&mut Buf::chain(&length[..], frame)).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(FRAME_BYTES >> 10))
    }

    #[tokio::test]
    async fn frames_come_whole_however_the_bytes_come() {
        let large = vec![7; 3 * AHEAD];
        let (mut to, from) = tokio::io::duplex(1000);
        let sent = large.clone();
        let writer = tokio::spawn(async move {
            for part in [&[0, 0][..], &[0, 2, b'a'], b"b\0\0\0\0\0\0\0\x01c", &(sent.len() as u32).to_be_bytes(), &sent]
            {
                to.write_all(part).await.expect("a reader");
            }
        });
        let mut frames = frames(from, room());
        for expected in [&b"ab"[..], b"", b"c", &large] {
            assert!(frames.next().await.expect("frames").is_some_and(|frame| frame == expected));
        }
        writer.await.expect("written");
        assert_eq!(frames.next().await.expect("an end"), None);
    }

    #[tokio::test]
    async fn a_large_frame_waits_until_there_is_room() {
        let bytes = [&(99_u32 << 10).to_be_bytes()[..], &[0; 99 << 10]].concat();
        let room = Arc::new(Semaphore::new(100));
        let (mut first, mut second) = (frames(&bytes[..], room.clone()), frames(&bytes[..], room));
        assert!(first.next().await.expect("a frame").is_some());
        let waits = tokio::time::timeout(std::time::Duration::ZERO, second.next()).await;
        assert!(waits.is_err(), "the first frame has not been forwarded yet");
        assert_eq!(first.next().await.expect("an end"), None);
        assert!(second.next().await.expect("a frame").is_some());
    }

    #[tokio::test]
    async fn an_impossible_length_is_not_the_protocol() {
        for length in [-1, i32::MIN, i32::MAX] {
            let error = frames(&length.to_be_bytes()[..], room()).next().await.expect_err("no frame");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(frames(&[0, 0, 0, 9, 1][..], room()).next().await.expect("an end"), None, "cut off");
    }
}
