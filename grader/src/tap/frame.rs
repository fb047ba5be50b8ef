//! Frames from and to a socket, within bounds that all connections of a process share.

use bytes::{Bytes, BytesMut};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::wire::framing::{CHUNK, Framed, make_room, take_frame, with_length};

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
    /// The next frame without its length; none at the end of the stream. Small frames share a piece of memory, of which
    /// evidence may keep them, so a new one is taken only when one is full.
    ///
    /// # Errors
    /// `InvalidData` for an impossible length: this is not the Kafka protocol. Else what the socket says.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.taken = None;
        loop {
            let whole = match take_frame(&mut self.buffer)? {
                Framed::Whole(frame) => return Ok(Some(frame)),
                Framed::Part { whole } => whole,
            };
            if let Some(large) = whole.filter(|whole| *whole > CHUNK && self.taken.is_none()) {
                self.taken = self.room.clone().acquire_many_owned((large >> 10) as u32).await.ok();
            }
            make_room(&mut self.buffer, whole);
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Sends one frame with its length, in one system call where the kernel takes it.
pub(super) async fn send(to: &mut (impl AsyncWrite + Unpin), frame: Bytes) -> io::Result<()> {
    to.write_all_buf(&mut with_length(frame)).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::framing::AHEAD;
    use crate::wire::limits::FRAME_BYTES;

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
